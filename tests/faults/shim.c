/* Preloaded into the program: counts the calls by which it changes the disk, and makes one of them fail or kills the
   process there, as a full disk, a read-only one or a power cut would.
     VETSET_FAULT=count        the number of such calls is written to the file $VETSET_FAULT_COUNT at exit
     VETSET_FAULT=7:ENOSPC     the 7th call and all after it fail so (a disk stays full); EROFS, EIO
     VETSET_FAULT=7:kill       SIGKILL instead of the 7th call
     VETSET_FAULT=7:half-kill  the 7th call, where it writes, writes half of its bytes first
     VETSET_FAULT=7:int        SIGINT before the 7th call, which then goes on */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <linux/openat2.h>

static atomic_long calls;
static long at = -1;
static int error_number;
static enum { none, count, fail, kill_it, half, interrupt } mode;

__attribute__((constructor)) static void begin(void) {
  const char* fault = getenv("VETSET_FAULT");
  if (fault == NULL) return;
  if (strcmp(fault, "count") == 0) {
    mode = count;
    return;
  }
  char* word = NULL;
  at = strtol(fault, &word, 10);
  if (*word != ':') abort();
  ++word;
  mode = fail;
  if (strcmp(word, "ENOSPC") == 0)
    error_number = ENOSPC;
  else if (strcmp(word, "EROFS") == 0)
    error_number = EROFS;
  else if (strcmp(word, "EIO") == 0)
    error_number = EIO;
  else if (strcmp(word, "kill") == 0)
    mode = kill_it;
  else if (strcmp(word, "half-kill") == 0)
    mode = half;
  else if (strcmp(word, "int") == 0)
    mode = interrupt;
  else
    abort();
}

__attribute__((destructor)) static void end(void) {
  const char* path = getenv("VETSET_FAULT_COUNT");
  if (mode != count || path == NULL) return;
  FILE* out = fopen(path, "w");
  if (out == NULL) abort();
  fprintf(out, "%ld\n", (long)calls);
  fclose(out);
}

/* Whether this call must fail; `errno` is set then. A call that can be done by half is told so in `halve`. */
static int struck_at(int* halve) {
  if (mode == none) return 0;
  const long now = ++calls;
  if (mode == fail && now >= at) {
    errno = error_number;
    return 1;
  }
  if (now != at) return 0;
  if (mode == kill_it) kill(getpid(), SIGKILL);
  if (mode == half) {
    if (halve == NULL) kill(getpid(), SIGKILL);
    *halve = 1;
  }
  if (mode == interrupt) raise(SIGINT);
  return 0;
}
static int struck(void) { return struck_at(NULL); }

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static ssize_t written(int fd, const void* bytes, size_t size, ssize_t (*next)(int, const void*, size_t)) {
  if (fd <= 2) return next(fd, bytes, size);
  int halve = 0;
  if (struck_at(&halve)) return -1;
  if (halve) {
    next(fd, bytes, size / 2);
    kill(getpid(), SIGKILL);
  }
  return next(fd, bytes, size);
}
ssize_t write(int fd, const void* bytes, size_t size) { return written(fd, bytes, size, NEXT(write)); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return struck() ? -1 : NEXT(pwrite)(fd, bytes, size, offset);
}
ssize_t copy_file_range(int in, off_t* in_at, int out, off_t* out_at, size_t size, unsigned flags) {
  return struck() ? -1 : NEXT(copy_file_range)(in, in_at, out, out_at, size, flags);
}
int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  if (request == 0x40049409 /* FICLONE */ && struck()) return -1;
  return NEXT(ioctl)(fd, request, argument);
}
int mkdir(const char* path, mode_t bits) { return struck() ? -1 : NEXT(mkdir)(path, bits); }
int mkdirat(int folder, const char* path, mode_t bits) { return struck() ? -1 : NEXT(mkdirat)(folder, path, bits); }
int rename(const char* from, const char* to) { return struck() ? -1 : NEXT(rename)(from, to); }
int renameat2(int a, const char* from, int b, const char* to, unsigned flags) {
  return struck() ? -1 : NEXT(renameat2)(a, from, b, to, flags);
}
int link(const char* from, const char* to) { return struck() ? -1 : NEXT(link)(from, to); }
int linkat(int a, const char* from, int b, const char* to, int flags) {
  return struck() ? -1 : NEXT(linkat)(a, from, b, to, flags);
}
int fsync(int fd) { return struck() ? -1 : NEXT(fsync)(fd); }
int syncfs(int fd) { return struck() ? -1 : NEXT(syncfs)(fd); }
int fchmod(int fd, mode_t bits) { return struck() ? -1 : NEXT(fchmod)(fd, bits); }
int mkstemp(char* name) { return struck() ? -1 : NEXT(mkstemp)(name); }
int mkostemp(char* name, int flags) { return struck() ? -1 : NEXT(mkostemp)(name, flags); }

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t bits = va_arg(rest, mode_t);
  va_end(rest);
  if ((flags & O_CREAT) != 0 && struck()) return -1;
  return NEXT(open)(path, flags, bits);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t bits = va_arg(rest, mode_t);
  va_end(rest);
  if ((flags & O_CREAT) != 0 && struck()) return -1;
  return NEXT(openat)(folder, path, flags, bits);
}
long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; ++i) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_openat2 && (((struct open_how*)a[2])->flags & O_CREAT) != 0 && struck()) return -1;
  return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
