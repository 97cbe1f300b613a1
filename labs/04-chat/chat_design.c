/*
 * The design of the chat application. chat_design.h says what each declaration means.
 *
 * Write it as you would write a design document: one function a service, with what it owns and the
 * messages it takes; then one function a flow. Call them here, in an order in which every name is
 * declared before it is used.
 */
#include "chat_design.h"

int chat_design(struct chat_design *design, struct error *err)
{
    /* TODO(step 1): services, entities, messages, flows; presence, reconnect, upload; survives. */
    (void)design;
    return error_set(err, ERR_TODO, "chat_design is not written yet (step 1).");
}
