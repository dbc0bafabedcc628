/* The words in which enrollctl why tells what happened. */
#ifndef ENROLLCTL_WHY_H
#define ENROLLCTL_WHY_H

struct why_outcome {
	const char *words; /* what we answered */
	const char *fault; /* whose: "家长", "省平台", "微信", "我们", "短信网关"; NULL: nobody's */
};

/**
 * why_action(action):
 * Return what somebody did in ${action} (of the audit trail, or "message TEMPLATE"), or ${action} itself if there are no words.
 */
const char *why_action(const char *action);

/**
 * why_outcome(action, outcome):
 * Return how ${action} ended with ${outcome}, and whose fault it was.
 */
struct why_outcome why_outcome(const char *action, const char *outcome);

#endif
