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
 * script_ask(noun, word):
 * Run the script of a noun with one word, its output among ours. Returns its exit status, -1 if it could not be run.
 */
int script_ask(const char *noun, char *word);

/**
 * script_usage():
 * Print the scripts as the usage prints the commands.
 */
void script_usage(void);

#endif
