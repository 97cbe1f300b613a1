/* Step 3: who the customer is, asked at user-service. See order_api.h. */
#include "order_api.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "kit/error.h"
#include "kit/log.h"

/* Appends text to a URL's path; every byte that could mean something there is written as %XX. */
static void add_escaped(struct text *url, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (isalnum(byte) || strchr("-._~", byte) != NULL)
            text_addf(url, "%c", byte);
        else
            text_addf(url, "%%%02X", byte);
    }
}

/* Copies the "name" of user-service's answer; 0, or ERR_INVALID when there is none that fits. */
static int read_name(const struct text *body, char name[ORDER_NAME_MAX + 1])
{
    cJSON *tree = json_parse(text_str(body), body->length, NULL);
    if (tree == NULL)
        return ERR_INVALID;
    struct json_errors errors = {0};
    struct json_reader reader = json_reader(tree, &errors);
    const char *found = json_string(&reader, "name", 1, ORDER_NAME_MAX);
    if (errors.count == 0)
        snprintf(name, ORDER_NAME_MAX + 1, "%s", found);
    cJSON_Delete(tree);
    return errors.count == 0 ? 0 : ERR_INVALID;
}

int order_customer_name(const struct order_service *service, const char *customer_id,
                        const struct trace *trace, char name[ORDER_NAME_MAX + 1], struct error *err)
{
    snprintf(name, ORDER_NAME_MAX + 1, "%s", ORDER_FALLBACK_NAME);
    if (service->user_url == NULL)
        return 0;

    struct text url = {0};
    text_addf(&url, "%s/users/", service->user_url);
    add_escaped(&url, customer_id);
    const struct http_call call = {
        .url = text_str(&url), .deadline_ms = ORDER_LOOKUP_MS, .trace = trace};
    struct http_reply reply = {0};
    http_client_call(service->host->client, &call, &reply);

    int result = 0;
    if (reply.status == 404)
        result = error_set(err, ERR_NOT_FOUND, "There is no customer %.64s.", customer_id);
    else if (reply.status != 200 || read_name(&reply.body, name) != 0)
        log_warn("customer lookup failed, going on without a name",
                 LOG_TEXT("outcome", http_outcome_name(reply.outcome)),
                 LOG_INT("status", reply.status));
    http_reply_release(&reply);
    text_release(&url);
    return result;
}
