/*
 * inventory_status -- what reading an inventory file came to, in any form.
 */
#ifndef CLASSIFIERS_SOURCES_INVENTORY_STATUS_H
#define CLASSIFIERS_SOURCES_INVENTORY_STATUS_H

enum inventory_file_status {
	INVENTORY_READ,   /* all of it */
	INVENTORY_PARTLY, /* but for lines or items that could not be */
	/* Unreadable or of no known form; of a long list what came before. */
	INVENTORY_REFUSED,
};

#endif
