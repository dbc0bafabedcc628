/*
 * Binding: two accounts, mother's and father's, on which the same child may stand. Each parent opens sessions in the space, does
 * there what he likes, corrects the child's number, removes the child; bind may die between any two steps; the operator may
 * confirm by hand. Time is left out: a notice or a timer only makes us ask, so asking is possible whenever there is news, late
 * and twice included (two askers, each with an answer that may be old when it is settled).
 *
 * Must hold: the child is bound, or confirmed by hand, on one account at most; every run ends with no errand and no child
 * under way.
 */
#define A 2             /* accounts */
#define E 3             /* errands: two of account 0, one of account 1 */
#define OWNER(k) (k / 2)

/* Errands as the database has them. */
#define NOTHING 0
#define LAUNCHING 1
#define FAILED 2
#define OPEN 3
#define FINAL(known) (known >= 2)
#define ENDED(known) (known + 2)

/* The space: what is true there, and what we know of it. */
#define CREATED 0
#define IDENTIFIED 1
#define COMPLETED 2
#define DENIED 3
#define EXPIRED 4

/* The student's binding_status. */
#define NONE 0
#define PENDING 1
#define BOUND 2
#define INCOMPLETE 3
#define RAN_OUT 4
#define BY_HAND 5
#define TAKEN 6

#define IS_PROVEN(i) (binding[i] == BOUND || binding[i] == BY_HAND)
#define IS_OPEN(i) (binding[i] == NONE || binding[i] == PENDING || binding[i] == INCOMPLETE || binding[i] == RAN_OUT)
#define HAS_NEWS(k) (status[k] == OPEN && truth[k] != known[k])
#define MAY_CORRECT (IS_OPEN(1) && !is_removed[1] && !(is_proven[0] && child[1] != child[0]))
#define SAME_CHILD (child[0] == child[1] && !is_removed[0] && !is_removed[1])

c_decl {
\#include "names.h"
}

byte status[E], known[E], truth[E];
bool is_good[E];        /* the right face, the child linked, both licences claimed */
bool launched_for[E];   /* the child's number at the launch */
byte binding[A];
bool child[A];          /* which number the account has typed: 1 is the child's */
bool is_proven[A];      /* the unique index */
bool is_removed[A];
byte at, to;            /* parameters of the steps below; 0 between them */

inline binding_move(who, next) {
	at = who; to = next;
	c_code { note("binding", binding_names, now.binding[now.at], now.to); };
	binding[who] = next; at = 0; to = 0
}
inline errand_move(what, next) {
	at = what; to = next;
	c_code { note("errand", errand_names, now.status[now.at], now.to); };
	status[what] = next; at = 0; to = 0
}
inline space_move(what, next) {
	at = what; to = next;
	c_code { note("space", space_names, now.known[now.at], now.to); };
	known[what] = next; at = 0; to = 0
}

/* student_prove: the first proof keeps the child, whoever has not proven loses it. */
inline prove(family, how) {
	if
	:: SAME_CHILD && is_proven[1 - family] ->
		if
		:: how == BOUND -> binding_move(family, TAKEN); is_proven[family] = false
		:: else                         /* the operator is refused */
		fi
	:: else ->
		if
		:: !IS_PROVEN(family) -> binding_move(family, how)
		:: else
		fi;
		is_proven[family] = true;
		if
		:: SAME_CHILD && binding[1 - family] != TAKEN -> binding_move(1 - family, TAKEN); is_proven[1 - family] = false
		:: else
		fi
	fi;
	assert(!(SAME_CHILD && IS_PROVEN(0) && IS_PROVEN(1)))
}

/* errand_judge of an errand with its final word. */
inline judge(errand, is_fine) {
	if
	:: is_removed[OWNER(errand)]
	:: else ->
		if
		:: known[errand] == COMPLETED && is_fine && launched_for[errand] == child[OWNER(errand)] ->
			if
			:: binding[OWNER(errand)] == TAKEN      /* lost is lost, until the child is free again */
			:: else -> prove(OWNER(errand), BOUND)
			fi
		:: else ->
			if
			:: IS_OPEN(OWNER(errand)) && known[errand] == EXPIRED -> binding_move(OWNER(errand), RAN_OUT)
			:: IS_OPEN(OWNER(errand)) && known[errand] != EXPIRED -> binding_move(OWNER(errand), INCOMPLETE)
			:: else
			fi
		fi
	fi;
	errand_move(errand, ENDED(known[errand]))
}

/* What one parent does with one errand: our two doors with the space between them, then the space's pages. */
proctype parent(byte k) {
	/* errand_begin; not for a child that is bound or taken. Whoever dies here leaves "launching". */
	atomic {
		if
		:: !is_removed[OWNER(k)] && IS_OPEN(OWNER(k)) -> launched_for[k] = child[OWNER(k)]; errand_move(k, LAUNCHING)
		:: goto done
		fi
	};
	/* errand_launched; killed before it, or no answer from the space. A later launch gives up what was left. */
	atomic {
		if
		:: errand_move(k, OPEN);
			if
			:: IS_OPEN(OWNER(k)) && !is_removed[OWNER(k)] -> binding_move(OWNER(k), PENDING)
			:: else
			fi
		:: errand_move(k, FAILED); goto done
		fi
	};
	if
	:: k == 0 -> truth[k] = IDENTIFIED      /* one of them stops to think */
	:: skip
	fi;
	/* All done, something forgotten, refused, or walked away. */
	if
	:: atomic { is_good[k] = true; truth[k] = COMPLETED }
	:: truth[k] = COMPLETED
	:: truth[k] = DENIED
	:: truth[k] = EXPIRED
	fi;
done:	skip
}

/* An asking thread: takes an errand with news, and settles the answer later, when it may be old. Killed: the answer is lost. */
proctype asker() {
	byte k, answer;
	bool good;

end:	do
	:: atomic {
		if
		:: HAS_NEWS(0) -> k = 0
		:: HAS_NEWS(1) -> k = 1
		:: HAS_NEWS(2) -> k = 2
		fi;
		answer = truth[k]; good = is_good[k]
	   };
	   atomic {
		if
		:: status[k] == OPEN ->
			if
			:: answer > known[k] && !FINAL(known[k]) -> space_move(k, answer)
			:: else
			fi;
			if
			:: FINAL(known[k]) -> judge(k, good)
			:: else
			fi
		:: else
		fi;
		k = 0; answer = 0; good = false
	   }
	od
}

/* What else may happen meanwhile, one such thing a run. */
proctype twist() {
	if
	/* The space is gone for good: ten minutes after its time an errand ends. */
	:: atomic { status[0] == OPEN && !FINAL(known[0]) -> space_move(0, EXPIRED); judge(0, false) }
	/* A number was typed wrong and is put right; or right, then wrong, then right. Not once the child is proven or taken. */
	:: atomic { MAY_CORRECT -> child[1] = 1 - child[1]; binding_move(1, NONE) };
		if
		:: atomic { MAY_CORRECT -> child[1] = 1 - child[1]; binding_move(1, NONE) }
		:: skip
		fi
	/* The desk confirms a family by hand, unless it has lost the child already. */
	:: atomic { binding[1] != TAKEN -> prove(1, BY_HAND) }
	/* The other parent takes the child off his account: whoever lost it to him may prove it now, by an errand under way too. */
	:: atomic {
		if
		:: SAME_CHILD && is_proven[1] && binding[0] == TAKEN -> binding_move(0, NONE)
		:: else
		fi;
		is_removed[1] = true; is_proven[1] = false
	   }
	:: skip
	fi
}

init {
	byte k;

	atomic {
		child[0] = true; child[1] = true;
		if
		:: child[1] = false
		:: skip
		fi;
		run parent(0); run parent(1); run parent(2); run asker(); run asker(); run twist()
	};

	/* Nothing moves any more. */
	timeout ->
	for (k : 0 .. E - 1) {
		assert(status[k] != OPEN)
	}
	assert(is_removed[0] || binding[0] != PENDING);
	assert(is_removed[1] || binding[1] != PENDING);
	assert(!(SAME_CHILD && IS_PROVEN(0) && IS_PROVEN(1)))
}
