"""Look for no garbage while the program is put together: there is hardly any, and each look goes over all there is.

Python looks each time that some hundred objects more have been made, and a start makes
half a million, of modules, classes and styles, which stay. That takes a tenth of it.
"""

import gc


def leave() -> None:
    """Leave garbage where it is for now."""
    gc.disable()


def collect_again() -> None:
    """Collect it again where it was left; what has been made so far is never looked at, as it stays to the end."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
