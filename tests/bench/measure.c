/* Runs a command and says what it took. Usage: measure [-p] COMMAND ARGUMENTS...
 *
 * Prints "SECONDS MAXRSS_KB PRIVATE_KB STATUS" on descriptor 3: wall time from fork to exit; the peak
 * of resident memory by the kernel's account, shared pages of libraries and of the program included; with -p the
 * largest sum of private pages (/proc/PID/smaps_rollup) seen by looking every two milliseconds, which slows the command
 * a little; its exit status. A small program of its own because the kernel's peak includes the parent's at the fork. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static long private_kb(pid_t pid)
{
    char path[64], line[256];
    long total = 0, kb;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Clean: %ld", &kb) == 1 || sscanf(line, "Private_Dirty: %ld", &kb) == 1)
            total += kb;
    fclose(file);
    return total;
}

/* Looks until the command has ended. */
static long watch(pid_t pid)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    siginfo_t info;
    long most = 0;
    do {
        long kb = private_kb(pid);
        most = kb > most ? kb : most;
        nanosleep(&pause, NULL);
        memset(&info, 0, sizeof info);
    } while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0);
    return most;
}

int main(int argc, char **argv)
{
    int private = argc > 1 && strcmp(argv[1], "-p") == 0;
    if (argc < 2 + private) {
        fputs("usage: measure [-p] COMMAND ARGUMENTS...\n", stderr);
        return 2;
    }
    double begin = now();
    pid_t pid = fork();
    if (pid == 0) {
        close(3);
        execvp(argv[1 + private], argv + 1 + private);
        perror(argv[1 + private]);
        _exit(127);
    }
    long kb = pid > 0 && private ? watch(pid) : 0;
    struct rusage usage;
    int status;
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        perror("measure");
        return 1;
    }
    double seconds = now() - begin;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    dprintf(3, "%.6f %ld %ld %d\n", seconds, usage.ru_maxrss, kb, code);
    return 0;
}
