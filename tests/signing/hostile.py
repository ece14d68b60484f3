"""Tokens that somebody might send, none of which may be believed.

Most are signed with the genuine key, which no stranger has: then the one thing that is wrong with
a token is the thing its name says, and nothing else can be the reason it is refused.
"""

from collections.abc import Iterator

from tests.signing import hostile_content as content
from tests.signing import hostile_forms as forms
from tests.signing.hostile_world import Case, World

__all__ = ["World", "cases"]


def cases(world: World) -> Iterator[Case]:
    for family in (
        content.algorithms,
        content.macs,
        content.embedded_keys,
        content.key_ids,
        content.purposes,
        content.headers,
        content.payloads,
        forms.signatures,
        forms.twins,
        forms.bit_flips,
        forms.spellings,
        forms.forms,
        forms.sizes,
    ):
        for name, compact in family(world):
            yield f"{family.__name__}: {name}", compact
