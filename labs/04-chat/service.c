/*
 * The process of one service of the design. Given.
 */
int main(void)
{
    return 0;
}
