/*
 * The configuration: one file of "key = value" lines, shared by all programs, read once at start. Secrets do not stand
 * in it: a key that ends in _file names the file that holds one; under systemd a service reads what its unit loads from
 * there (LoadCredential), and only that. conf/enroll.conf.example documents every key.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>

/**
 * conf_open(path):
 * Read ${path}; call once, before threads start. Returns false after logging what is wrong and on which line (unknown
 * key, missing "=", a key twice).
 */
bool conf_open(const char *path);

/**
 * conf_text(key):
 * Return the value of ${key}, its documented default if the file has none, or "" if neither exists.
 */
const char *conf_text(const char *key);

/**
 * conf_number(key):
 * Return the value of ${key} as a number. conf_open has checked that it is one.
 */
long conf_number(const char *key);

/**
 * conf_keys_dir():
 * Return the folder of the keys that this program may read: what systemd has handed over (CREDENTIALS_DIRECTORY), otherwise
 * keys_dir itself.
 */
const char *conf_keys_dir(void);

/**
 * conf_secret(key, out, size):
 * Read the secret that ${key}, "NAME_file", stands for into ${out}, without its last line feed, NUL-terminated: the credential
 * NAME that systemd has handed over, otherwise the file that the configuration names. Returns false (logged) if it is
 * missing, empty or longer than ${size} - 1. The caller wipes ${out}.
 */
bool conf_secret(const char *key, char *out, size_t size);

/**
 * conf_is_production():
 * Is this a real district (environment = production)? Everything else is a demo or a test.
 */
bool conf_is_production(void);

#endif
