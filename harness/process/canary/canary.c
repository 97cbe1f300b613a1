/*
 * The canary: a program of ours that does nothing, built with the sanitizers that students' code is
 * built with. Where it cannot start, nobody's can, and that is no student's fault.
 */
int main(void)
{
    return 0;
}
