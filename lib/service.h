/* What makes an executable: its name, routes, doors and keys. Everything an executable's main() does. */
#ifndef SERVICE_H
#define SERVICE_H

#include <stddef.h>

#include "db.h"
#include "route.h"
#include "seal.h"

struct service {
	const char *name; /* "register": also the database role enroll_register and the health path */
	const struct route *routes;
	size_t n_routes;
	const struct door *const *doors; /* all doors it calls, prepared once a connection */
	size_t n_doors;
	seal_set keys;
	bool (*start)(void); /* optional: threads of its own; false ends the program */
	void (*stop)(void);
	const char *database; /* configuration key of the connection string; NULL: "database" */
};

/**
 * service_main(argc, argv, service):
 * "NAME --config FILE": read the configuration, load keys, serve FastCGI on descriptor 0 until SIGTERM, then drain.
 * "NAME --routes" prints "METHOD PATH" a line and ends. GET /api/NAME/health is added by itself. Returns the exit status.
 */
int service_main(int argc, char **argv, const struct service *service);

#endif
