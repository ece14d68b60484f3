"""The platforms' view of templates."""
