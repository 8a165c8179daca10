"""One file per check: a pure function on top, a thin class below."""
