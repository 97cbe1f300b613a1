# Threads are judged: the probe is built with ThreadSanitizer too, and given turns (probe_turns.c).
THREADED_02-breaker := yes
WRAPPED_02-breaker  := pthread_mutex_lock pthread_mutex_unlock
