"""The four colours of a brand, and the house's own for whoever has picked none. Pure."""

DEFAULTS = {"primary": "#0b5c6b", "ink": "#12303b", "accent": "#c9a227", "paper": "#fffdf8"}
