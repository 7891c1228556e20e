/* The first limit: a file read through a small window, and its CRC-64. Usage: floor_read FILE */
#include "floor.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0)
        fail("usage: floor_read FILE");
    struct window window;
    window_init(&window, fd);
    window_finish(&window);
    return EXIT_SUCCESS;
}
