/*
 * The load that the application must bear: the sheet from which all its sizes follow. Step 2.
 */
#ifndef LAB04_WORKLOAD_H
#define LAB04_WORKLOAD_H

enum { WORKLOAD_CHANNEL_CLASSES = 3 };

/* Every count is a double: there may be more users than an int can count. */
struct workload {
    double users;
    double online_share;      /* of the users are connected at the busiest time */
    double active_share;      /* of the users write on a day */
    double messages_per_user; /* that an active one writes a day */
    double peak_factor;       /* the busiest second of a day to its mean */
    /* Small, large and huge channels: what share of the messages goes there (together 1), and how
       many members read each message, its sender not counted. */
    struct {
        double message_share;
        double readers;
    } channels[WORKLOAD_CHANNEL_CLASSES];
    double busiest_share;    /* of all messages go to the one busiest channel */
    double devices;          /* connections of one user who is online, in the mean */
    double text_bytes;       /* of one message's text */
    double row_bytes;        /* stored with each text: ids, times */
    double envelope_bytes;   /* sent with each text */
    double attachment_share; /* of the messages have a file */
    double attachment_bytes; /* of one file */
    double file_copies;      /* each file is stored so many times */
    double copies;           /* each message is stored so many times */
    double index_ratio;      /* bytes of the index for each byte of text */
    double index_copies;
    double retention_days; /* messages and files are kept so long, the index too */
    int gateways;          /* at least 2 */
    int partitions;        /* of the messages, at least 1 */
};

/* Ten million users of a Slack-like application, as in the lab text. */
struct workload workload_standard(void);

#endif
