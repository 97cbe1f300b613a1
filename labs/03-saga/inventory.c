/* placeholder */
typedef int inventory_placeholder;
