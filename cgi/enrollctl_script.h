/* The commands that are scripts: setup, site, tls, maintenance, walk. */
#ifndef ENROLLCTL_SCRIPT_H
#define ENROLLCTL_SCRIPT_H

/**
 * script_run(config, argc, argv):
 * If ${argv} begins with the noun of a script, become it. Comes back with EXIT_USAGE if there is no such noun, with EXIT_FAULT
 * after saying what is wrong.
 */
int script_run(const char *config, int argc, char **argv);

/**
 * script_usage():
 * Print the scripts as the usage prints the commands.
 */
void script_usage(void);

#endif
