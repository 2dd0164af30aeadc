"""Numbers as the screen writes them; stage/js/words.js does the same in the browser."""

MINUS = "\N{MINUS SIGN}"


def decimal(value: float, digits: int = 3, *, signed: bool = False) -> str:
    """Write a number with so many decimals and a true minus sign; signed also writes +.

    What rounds to zero has no sign.

    >>> decimal(-0.5, 1), decimal(2.0, signed=True), decimal(-0.0001, signed=True)
    ('−0.5', '+2.000', '0.000')
    """
    text = f"{abs(value):.{digits}f}"
    is_zero = float(text) == 0.0
    return ("" if is_zero else MINUS if value < 0 else "+" if signed else "") + text
