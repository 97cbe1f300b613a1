/*
 * May so many threads run at once? The limits on processes of a user (ulimit -u) and of a container
 * cannot be compared with what is in use, so it is tried.
 */
#ifndef PROCESS_THREADS_H
#define PROCESS_THREADS_H

/* Starts count threads, which all live at once for a moment. 1 when all of them could be started;
   0 too when memory is out. Costs some 10 microseconds each. */
int threads_fit(int count);

#endif
