/* Given: the order service's tables. OUTBOX_SCHEMA of kit/outbox.h comes with it. */
#ifndef ORDER_SCHEMA_H
#define ORDER_SCHEMA_H

extern const char ORDER_SCHEMA[];

#endif
