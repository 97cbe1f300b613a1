/* The statuses of HTTP. */
#ifndef KIT_HTTP_STATUS_H
#define KIT_HTTP_STATUS_H

/* The reason phrase of RFC 9110 and RFC 6585, "Unknown" for a status that has none there. */
const char *http_reason(int status);

#endif
