/*
 * The nodes of a design. chat_nodes.h says what each function promises. Given.
 */
#include "chat_nodes.h"

#include <stdio.h>
#include <string.h>

/* A service's name as a node's: an address reaches others in an environment variable, where '_',
   '-' and ' ' are the same. */
static void plain_name(const char *name, char out[DESIGN_NAME_SIZE])
{
    snprintf(out, DESIGN_NAME_SIZE, "%s", name);
    for (char *at = out; *at != '\0'; at++)
        if (*at == ' ' || *at == '_')
            *at = '-';
}

int chat_node_count(const struct chat_model *model, int service)
{
    if (service == design_owner(model, OWNS_CONNECTIONS))
        return CHAT_GATEWAYS;
    if (service == design_owner(model, OWNS_MESSAGES))
        return CHAT_MESSAGE_NODES;
    for (int i = 0; i < OWNS_OTHER; i++)
        if (service == design_owner(model, (enum capability)i))
            return 1;
    return 0;
}

void chat_node_name(const struct chat_model *model, int service, int number,
                    char out[CHAT_NODE_SIZE])
{
    char name[DESIGN_NAME_SIZE], other[DESIGN_NAME_SIZE];
    int alike = 0; /* services declared before that have the same name but for such characters */
    plain_name(model->services[service].name, name);
    for (int i = 0; i < service; i++) {
        plain_name(model->services[i].name, other);
        alike += strcmp(name, other) == 0;
    }
    if (alike == 0)
        snprintf(out, CHAT_NODE_SIZE, "%s-%d", name, number);
    else
        snprintf(out, CHAT_NODE_SIZE, "%s-%c%d", name, 'a' + alike % 26, number);
}
