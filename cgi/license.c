/*
 * license: the second step, 电子证照授权. Asks the digital space what was signed, fetches the signed licences from the
 * e-license system, seals them, and shows person by person and licence by licence what is there.
 */
#include "license.h"

#include <stddef.h>

#include "asker.h"
#include "errand.h"
#include "keys.h"
#include "license_receipt.h"
#include "license_work.h"
#include "service.h"
#include "space.h"

struct revoke_in {
	const char *id;
};

static const struct db_field revoke_in[] = { { DB_SESSION, 0 }, { DB_REF, 0 }, { DB_UUID, offsetof(struct revoke_in, id) } };

static const struct door authorization_revoke = { "authorization_revoke", "select * from enroll.authorization_revoke($1,$2,$3)",
	revoke_in, sizeof revoke_in / sizeof *revoke_in, NULL, 0, 0 };

/* POST /api/authorizations */
static enum status
authorizations_post(struct request *req, struct reply *rep)
{
	static const char *const licenses[] = { "household_register", "real_estate", NULL };
	static const struct errand_kind kind = { "authorize", "/authorize", "/api/authorizations/notify", licenses };

	return errand_launch(req, rep, &kind);
}

/* DELETE /api/authorizations/{id}: the parent takes the signing back; what was fetched under it is erased. */
static enum status
authorization_delete(struct request *req, struct reply *rep)
{
	const struct revoke_in in = { request_uuid(req, 0) };
	enum status st;

	if (in.id == NULL)
		return STATUS_NOT_FOUND;
	if ((st = db_call(req, &authorization_revoke, &in, NULL)) != STATUS_OK)
		return st;
	return reply_empty(rep);
}

static const struct route routes[] = {
	{ "POST", "/api/authorizations", authorizations_post, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/authorizations/return", errand_return, ROUTE_ORIGIN | ROUTE_JSON | ROUTE_SESSION },
	{ "POST", "/api/authorizations/notify", errand_notify, ROUTE_JSON },
	{ "GET", "/api/authorizations/{id}", errand_get, ROUTE_SESSION },
	{ "GET", "/api/authorizations/{id}/events", errand_events, ROUTE_SESSION },
	{ "GET", "/api/authorizations/{id}/receipt", license_receipt, ROUTE_SESSION },
	{ "DELETE", "/api/authorizations/{id}", authorization_delete, ROUTE_ORIGIN | ROUTE_SESSION },
};

static const struct door *const doors[] = { &authorization_revoke, &authorization_receipt_door, &license_due_door,
	&license_store_door, &license_archive_door, &errand_begin_door, &errand_launched_door, &errand_get_door,
	&errand_return_door, &errand_hint_door, &errand_due_door, &errand_settle_door, &errand_events_door };

/* One round: what the space says, then what is signed and not yet here, the signings of this round included. */
static int64_t
work(struct request *req)
{
	int64_t errands_ms = errand_work(req, true), licenses_ms = license_work(req);

	return errands_ms < licenses_ms ? errands_ms : licenses_ms;
}

static bool
start(void)
{
	return space_open() && license_open() && asker_start(work);
}

int
main(int argc, char **argv)
{
	const struct service service = { .name = "license",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.doors = doors,
		.n_doors = sizeof doors / sizeof *doors,
		.keys = keys_of("license"),
		.start = start,
		.stop = asker_stop };

	return service_main(argc, argv, &service);
}
