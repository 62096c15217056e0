/*
 * fact_keep -- a workload's fact of one's own.
 *
 * Facts are borrowed for the call that gives them.  A source that is told of a
 * workload bit by bit (Mesos sends a task once and its state many times) keeps
 * what it knows.
 */
#ifndef CLASSIFIERS_SOURCES_FACT_KEEP_H
#define CLASSIFIERS_SOURCES_FACT_KEEP_H

struct fact;

/*
 * A copy of a workload's fact with everything that it points to, as one block
 * for free().  Texts longer, and lists of more than an inventory holds are cut.
 */
struct fact *fact_keep(const struct fact *fact);

#endif
