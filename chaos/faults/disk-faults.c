/*
 * Stands between a server and its database files (errand.db, errand.db-wal, errand.db-journal). LD_PRELOAD=this.
 *
 * CHAOS_CONTROL: a file of 20 bytes, shared, five numbers: how many of a thousand writes and syncs fail; with which errno; whether syncs alone do;
 *                how much longer every sync takes, in milliseconds; and, counted here, the syncs that the process's first thread has made.
 * CHAOS_RECORD:  where every change and every sync is recorded, for a harness that makes what a power cut leaves. A record is
 *                { kind, name, offset, length } as 64-bit words, and then the bytes written. A sync's `offset` is how long the record
 *                was when the sync began: what stands before it is on disk once the sync's own record is there.
 * SLOW_SYNC_MS:  how much longer every sync takes.
 * LOSE_SYNCS:    if set, syncs of the write-ahead log do nothing and say that they did.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { PER_THOUSAND = 0, ERRNO = 1, SYNCS_ALONE = 2, SLOW = 3, ON_FIRST_THREAD = 4, CONTROL_BYTES = 20 };
enum { WRITE = 1, TRUNCATE = 2, SYNC = 3, UNLINK = 4 };
enum { DATABASE = 1, WAL = 2, JOURNAL = 3 };

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_unlink)(const char *);

static volatile int32_t *control;
static int record = -1;
static long slow_ms;
static int loses_syncs;
static uint64_t recorded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread unsigned int seed;

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  const char *path = getenv("CHAOS_CONTROL");
  if (path != NULL) {
    int fd = open(path, O_RDWR);
    void *shared = mmap(NULL, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED) control = shared;
    close(fd);
  }
  path = getenv("CHAOS_RECORD");
  if (path != NULL) record = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  path = getenv("SLOW_SYNC_MS");
  if (path != NULL) slow_ms = atol(path);
  loses_syncs = getenv("LOSE_SYNCS") != NULL;
  /* Not for the processes that the server starts. */
  unsetenv("LD_PRELOAD");
}

static int ends_with(const char *path, const char *end) {
  size_t length = strlen(path), tail = strlen(end);
  return length >= tail && strcmp(path + length - tail, end) == 0;
}

static int name_of_path(const char *path) {
  if (ends_with(path, "/errand.db")) return DATABASE;
  if (ends_with(path, "/errand.db-wal")) return WAL;
  return ends_with(path, "/errand.db-journal") ? JOURNAL : 0;
}

static int name_of(int fd) {
  char link[64] = "/proc/self/fd/", path[4096], digits[16];
  int at = 0, to = 14;
  if (fd < 0) return 0;
  do digits[at++] = '0' + fd % 10;
  while ((fd /= 10) > 0);
  while (at > 0) link[to++] = digits[--at];
  link[to] = 0;
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return name_of_path(path);
}

static int fails(int is_sync) {
  if (control == NULL || control[PER_THOUSAND] == 0 || (control[SYNCS_ALONE] && !is_sync)) return 0;
  if (seed == 0) seed = (unsigned int)getpid() ^ (unsigned int)(uintptr_t)&seed;
  if (rand_r(&seed) % 1000 >= control[PER_THOUSAND]) return 0;
  errno = control[ERRNO];
  return 1;
}

/* The lock is held. */
static void append(int kind, int name, uint64_t offset, uint64_t length, const void *bytes) {
  uint64_t head[4] = {kind, name, offset, length};
  real_write(record, head, sizeof head);
  recorded += sizeof head;
  if (bytes == NULL) return;
  for (uint64_t done = 0; done < length;) done += real_write(record, (const char *)bytes + done, length - done);
  recorded += length;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  int name = name_of(fd);
  if (name == 0) return real_pwrite(fd, bytes, length, offset);
  if (fails(0)) return -1;
  if (record < 0) return real_pwrite(fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = real_pwrite(fd, bytes, length, offset);
  if (written > 0) append(WRITE, name, offset, written, bytes);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
  int name = control == NULL && record < 0 ? 0 : name_of(fd);
  if (name == 0) return real_write(fd, bytes, length);
  if (fails(0)) return -1;
  if (record < 0) return real_write(fd, bytes, length);
  pthread_mutex_lock(&lock);
  off_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t written = real_write(fd, bytes, length);
  if (written > 0) append(WRITE, name, offset, written, bytes);
  pthread_mutex_unlock(&lock);
  return written;
}

static void wait_ms(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  if (ms > 0) nanosleep(&time, NULL);
}

static int sync_by(int (*real)(int), int fd) {
  int name = name_of(fd);
  if (name == 0) return real(fd);
  if (control != NULL && gettid() == getpid()) control[ON_FIRST_THREAD] += 1;
  wait_ms(slow_ms + (control == NULL ? 0 : control[SLOW]));
  if (fails(1)) return -1;
  if (loses_syncs && name == WAL) return 0;
  if (record < 0) return real(fd);
  pthread_mutex_lock(&lock);
  uint64_t begun = recorded;
  pthread_mutex_unlock(&lock);
  int result = real(fd);
  pthread_mutex_lock(&lock);
  if (result == 0) append(SYNC, name, begun, 0, NULL);
  pthread_mutex_unlock(&lock);
  return result;
}

int fsync(int fd) { return sync_by(real_fsync, fd); }

int fdatasync(int fd) { return sync_by(real_fdatasync, fd); }

int ftruncate64(int fd, off64_t length) {
  int name = name_of(fd);
  if (name == 0) return real_ftruncate(fd, length);
  if (fails(0)) return -1;
  if (record < 0) return real_ftruncate(fd, length);
  pthread_mutex_lock(&lock);
  int result = real_ftruncate(fd, length);
  if (result == 0) append(TRUNCATE, name, length, 0, NULL);
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int unlink(const char *path) {
  int name = name_of_path(path);
  if (name == 0 || record < 0) return real_unlink(path);
  pthread_mutex_lock(&lock);
  int result = real_unlink(path);
  if (result == 0) append(UNLINK, name, 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  return result;
}
