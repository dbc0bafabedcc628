/* The system's log has its own LOG_ names, which are not ours: so it has a file to itself. */
#include "courier_syslog.h"

#include <syslog.h>

void
syslog_anchor(int64_t seq, const char *hash)
{
	syslog(LOG_AUTHPRIV | LOG_NOTICE, "enroll audit anchor %lld %s", (long long)seq, hash);
}
