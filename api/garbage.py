"""How seldom a process that answers many households looks for garbage."""

import gc

SELDOM = (50_000, 20, 100)
"""As Python has it, everything that is kept would be gone through every twentieth household, for a fifth of a second, to find next to
nothing: little here refers to itself."""


def seldom() -> None:
    """Leave alone what is there by now, such as the compiled rules, and look through what is made from now on, now and then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
