"""What jemalloc holds for a request, as Debian builds it: classes of 16 bytes up to 128, then four a power of two."""


def held_by_jemalloc_16(request):
    if request <= 128:
        return 8 if request <= 8 else (request + 15) // 16 * 16
    step = 1 << ((request - 1).bit_length() - 3)
    return (request + step - 1) // step * step
