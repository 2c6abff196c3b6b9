"""Sizes of files as people read them."""

UNITS = ("KB", "MB", "GB")


def format_size(byte_count: int) -> str:
    """Return a size such as "1.5 MB", rounded down, in units of 1,024."""
    if byte_count < 1024:
        return f"{byte_count:,} byte{'' if byte_count == 1 else 's'}"
    power = min((byte_count.bit_length() - 1) // 10, len(UNITS))
    number, tenth = divmod(byte_count * 10 // 1024**power, 10)
    decimals = f".{tenth}" if tenth and number < 100 else ""
    return f"{number:,}{decimals} {UNITS[power - 1]}"
