/* Step 3: who the customer is, asked at user-service. See order_api.h. */
#include "kit/error.h"
#include "order_api.h"

int order_customer_name(const struct order_service *service, const char *customer_id,
                        const struct trace *trace, char name[ORDER_NAME_MAX + 1], struct error *err)
{
    /* TODO(step 3): http_client_call with a deadline. "No such customer" and "no answer" are not
       the same: which one may be papered over? */
    (void)service, (void)customer_id, (void)trace;
    name[0] = '\0';
    return error_set(err, ERR_TODO, "TODO(step 3): order_customer_name");
}
