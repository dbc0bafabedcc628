/* A handler that does nothing, in lib/server as it stands: what the server alone can do, to hold the real ones against. */
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "server.h"

static void
serve(const void *unused, struct request *req, struct reply *rep)
{
	(void)unused;
	if (reply_text(req, rep, 200, "{\"status\":\"ok\"}") != STATUS_OK)
		reply_problem(req, rep, STATUS_INTERNAL);
}

int
main(void)
{
	const struct server server = { .socket = STDIN_FILENO, .workers = 16, .timeout_ms = 5000, .serve = serve };

	log_open("bare");
	server_block_signals();
	return server_run(&server) ? EXIT_SUCCESS : EXIT_FAILURE;
}
