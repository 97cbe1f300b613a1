/* Files that are whole or not there: written beside their name, synced, renamed. */
#ifndef REPORT_FILE_H
#define REPORT_FILE_H

#include "kit/text.h"

struct error;

/* ERR_IO with the reason; then the old file, if any, is as it was and nothing is left beside it. */
int file_write(const char *path, const struct text *content, struct error *err);

#endif
