/*
 * svclab run: one lab's service in the foreground, with the peers it needs, to try by hand.
 *
 *     svclab run [--service order] [--port 8080] [--tree labs] [--build DIR]
 *
 * Exit status: 0 it was stopped with Ctrl-C or SIGTERM and ended well; 1 it ended by itself, or
 * not well; 2 it does not build; 3 the harness could not start it, for example because the port is
 * taken; 64 a service, flag or folder that is not there.
 */
#ifndef RUN_SERVICE_H
#define RUN_SERVICE_H

int command_run(int argc, char **argv);

#endif
