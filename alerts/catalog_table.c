/* Made from alerts/catalog.yaml by `make catalogue`; change that. */
#include "alerts/catalog.h"

const struct signature catalog_signatures[] = {
    {
	.gid = 100,
	.id = 1001,
	.revision = 1,
	.deviation = DEVIATION_RELATIONSHIP,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected relationship",
	.meaning = "The models know this server, but not this client of it; or "
		   "they know what this client needs, and this server is not "
		   "part of it.",
	.remedy =
	    "find out what the client wants there; if it is right, add "
	    "the client to `from:` of the server's entry or the server to "
	    "the client's `needs:`",
    },
    {
	.gid = 100,
	.id = 1002,
	.revision = 1,
	.deviation = DEVIATION_PORT,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected port",
	.meaning = "This client may reach this server in some way, but not on "
		   "this port.",
	.remedy =
	    "find out what listens there; if it is right, add the port to "
	    "the entry that the alert names",
    },
    {
	.gid = 100,
	.id = 1003,
	.revision = 1,
	.deviation = DEVIATION_APPLICATION,
	.severity = SEVERITY_MEDIUM,
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "unexpected application protocol",
	.meaning = "The pair and the port are stated, but the payload shows "
		   "another application. One that stayed hidden never raises "
		   "this.",
	.remedy = "find out what speaks on that port; if it is right, add the "
		  "application to the entry that the alert names",
    },
    {
	.gid = 100,
	.id = 1004,
	.revision = 1,
	.deviation = DEVIATION_DIRECTION,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected direction",
	.meaning = "The relationship is stated the other way round.",
	.remedy = "find out why the server calls back; if it is right, state "
		  "the relationship both ways",
    },
    {
	.gid = 100,
	.id = 1005,
	.revision = 1,
	.deviation = DEVIATION_SEGMENT,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "segment boundary crossed",
	.meaning =
	    "The flow crosses a boundary that a segment isolates; no "
	    "model can allow it. `policy.segment` and `policy.compliance` "
	    "say which rules are at stake.",
	.remedy = "stop it, or add an `except:` to the boundary that the alert "
		  "names; no model can allow it",
    },
    {
	.gid = 100,
	.id = 1006,
	.revision = 1,
	.deviation = DEVIATION_EXTERNAL,
	.severity = SEVERITY_MEDIUM,
	.category = "Potential Corporate Privacy Violation",
	.title = "unexpected outside peer",
	.meaning = "An address that is no workload, node or zone, and that "
		   "nothing allows.",
	.remedy = "find out who the address belongs to; if it is right, add it "
		  "as `external:` with its networks or as a zone",
    },
    {
	.gid = 102,
	.id = 2001,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "scan",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1046",
		.name = "Network Service Discovery",
		.tactic = "Discovery",
		.tactic_id = "TA0007",
	    },
	.category = "Detection of a Network Scan",
	.title = "scan",
	.meaning = "A workload tried many distinct ports or hosts that refuse "
		   "it, are silent, or that it asked nothing of. The evidence "
		   "says which techniques it used; however many, it is one "
		   "finding.",
	.remedy = "find out what runs in that workload; if it may look around, "
		  "switch `scan` off for it under `detectors:`",
    },
    {
	.gid = 102,
	.id = 2002,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "scan",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1595",
		.name = "Active Scanning",
		.tactic = "Reconnaissance",
		.tactic_id = "TA0043",
	    },
	.category = "Detection of a Network Scan",
	.title = "scan by many sources",
	.meaning =
	    "Many sources together tried many ports of one target in "
	    "vain, none of them enough to be a scanner alone: decoys, or "
	    "a scan that is spread.",
	.remedy = "look at the target's network policy first; then for the one "
		  "source that was served",
    },
    {
	.gid = 102,
	.id = 2003,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "scan",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1205.001",
		.name = "Port Knocking",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "port knocking",
	.meaning = "A few closed ports were tried once each, and then another "
		   "port served that was not looked at before: a signal that "
		   "opens a hidden door.",
	.remedy =
	    "find out what listens on that server; if knocking is how you "
	    "open it, switch `scan` off for this pair",
    },
    {
	.gid = 102,
	.id = 2010,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "flood",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1498.001",
		.name = "Direct Network Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "SYN flood",
	.meaning = "Far more connections than usual were opened to a port and "
		   "left half open.",
	.remedy = "see whether the target still serves; stop the source, if it "
		  "is the one",
    },
    {
	.gid = 102,
	.id = 2011,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "flood",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1498.001",
		.name = "Direct Network Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "UDP flood",
	.meaning = "Far more datagrams than usual went to a port that answers "
		   "none of them.",
	.remedy = "see whether the target still serves; stop the source, if it "
		  "is the one",
    },
    {
	.gid = 102,
	.id = 2012,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "flood",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1498.001",
		.name = "Direct Network Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "ICMP flood",
	.meaning = "Far more echo requests than usual went to one target.",
	.remedy = "stop the source, if it is the one",
    },
    {
	.gid = 102,
	.id = 2013,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "http-flood",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1499.002",
		.name = "Service Exhaustion Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "request flood",
	.meaning =
	    "Clients that no model allows, or that were not there before, "
	    "ask far more than this server is usually asked.",
	.remedy = "stop the client, or limit what it may ask; if it is right, "
		  "allow it in a model",
    },
    {
	.gid = 102,
	.id = 2014,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "http-flood",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1499.003",
		.name = "Application Exhaustion Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "slow requests",
	.meaning = "Many requests at once are sent so slowly that they do not "
		   "end, or their answers are not read, or nothing is said at "
		   "all: each holds one of the server's connections.",
	.remedy = "limit how long the server waits for a request; stop the "
		  "client",
    },
    {
	.gid = 102,
	.id = 2015,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "reflection",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1498.002",
		.name = "Reflection Amplification",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "reflected flood",
	.meaning =
	    "Hosts outside, or other workloads, answer questions that "
	    "somebody asked them in this workload's name, so that the "
	    "answers hit it. Echo replies and SYN-ACKs of the outside are "
	    "such answers too.",
	.remedy = "have the answers dropped upstream, by their source port",
    },
    {
	.gid = 102,
	.id = 2016,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "reflection",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1498.002",
		.name = "Reflection Amplification",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Detection of a Denial of Service Attack",
	.title = "workload used as reflector",
	.meaning =
	    "A server answers small datagrams with very much more. Their "
	    "source addresses may be forged: then it floods somebody who "
	    "never asked.",
	.remedy = "close that port of UDP to whoever is not meant to ask it",
    },
    {
	.gid = 102,
	.id = 2017,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "strays",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1498.001",
		.name = "Direct Network Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Attempted Denial of Service",
	.title = "flood of stray segments",
	.meaning = "Far more TCP segments than usual came that belong to no "
		   "connection: the target answers none of them, or only with "
		   "RST.",
	.remedy = "drop what belongs to no connection in front of the target; "
		  "find the sender by its port of the switch, not by its "
		  "address",
    },
    {
	.gid = 102,
	.id = 2020,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "brute-force",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1110.001",
		.name = "Password Guessing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "password guessing",
	.meaning =
	    "A workload failed to log in many times within a minute, and "
	    "not as a program does that was given an old password. Where "
	    "it is a server that is named, many addresses outside failed "
	    "there, a few times each.",
	.remedy = "stop the workload; see whether one of the logins was "
		  "believed",
    },
    {
	.gid = 102,
	.id = 2021,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "brute-force",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1110.003",
		.name = "Password Spraying",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "password spraying",
	.meaning =
	    "A workload failed to log in at many servers, a few times at "
	    "each, that no model says it needs.",
	.remedy = "stop the workload; see where a login was believed",
    },
    {
	.gid = 102,
	.id = 2022,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "brute-force",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1078",
		.name = "Valid Accounts",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Successful Administrator Privilege Gain",
	.title = "let in after guessing",
	.meaning = "After failed logins that look like guessing, one was "
		   "believed.",
	.remedy = "treat the account as stolen: close its sessions and change "
		  "its password",
    },
    {
	.gid = 102,
	.id = 2023,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "login-forms",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1110.001",
		.name = "Password Guessing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "password guessing in a form",
	.meaning =
	    "Somebody posted many different passwords for few names to a "
	    "form, and was refused.",
	.remedy = "block the client; see whether a login was believed",
    },
    {
	.gid = 102,
	.id = 2024,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "login-forms",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1110.003",
		.name = "Password Spraying",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "password spraying in a form",
	.meaning = "Somebody posted one password, or few, for many names to a "
		   "form, and was refused.",
	.remedy = "block the client; see whether a login was believed",
    },
    {
	.gid = 102,
	.id = 2025,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "login-forms",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1110.004",
		.name = "Credential Stuffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "credential stuffing in a form",
	.meaning = "Somebody posted ever other names with ever other passwords "
		   "to a form, and nearly all were refused: lists of what was "
		   "stolen elsewhere are tried so.",
	.remedy = "block the client; see whose login was believed",
    },
    {
	.gid = 102,
	.id = 2026,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "login-forms",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1078",
		.name = "Valid Accounts",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Successful Administrator Privilege Gain",
	.title = "let in by a form after guessing",
	.meaning =
	    "After many refused passwords one was answered as a right one "
	    "is: with a token, or with a redirect to another page.",
	.remedy = "end the sessions of this account and change its password",
    },
    {
	.gid = 102,
	.id = 2030,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "beacon",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "beacon",
	.meaning = "A workload calls a destination that no model allows at "
		   "regular intervals, each time alike.",
	.remedy = "find out what the workload wants there; if it is right, "
		  "allow it in its model",
    },
    {
	.gid = 102,
	.id = 2031,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "beacon",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "strobe",
	.meaning = "A workload opens a connection a second, all day, to a "
		   "destination that no model allows.",
	.remedy = "find out what the workload wants there; if it is right, "
		  "allow it in its model",
    },
    {
	.gid = 102,
	.id = 2032,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "long-connection",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1572",
		.name = "Protocol Tunneling",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "long connection",
	.meaning =
	    "A connection to the outside that no model allows stays open "
	    "for hours.",
	.remedy = "find out what it carries; if it is right, allow it in a "
		  "model",
    },
    {
	.gid = 102,
	.id = 2033,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-beacon",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "beacon by DNS",
	.meaning = "A workload asks in a steady beat for records that hold "
		   "anything, of names below one registered domain, or for "
		   "addresses of names that are new each time. Programs that "
		   "wait for orders do so where nothing but DNS gets out.",
	.remedy = "find out which program asks, and whose domain that is",
    },
    {
	.gid = 102,
	.id = 2050,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-tunnel",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "data in DNS names",
	.meaning = "A workload asks for many different names below one "
		   "registered domain, whose labels are no words but encoded "
		   "data; whoever owns the domain can read them and answer.",
	.remedy = "find out which program asks for these names; block the "
		  "domain at the cluster's resolver",
    },
    {
	.gid = 102,
	.id = 2051,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-bypass",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potential Corporate Privacy Violation",
	.title = "DNS past the cluster",
	.meaning =
	    "A workload asks a DNS server outside, though the cluster has "
	    "resolvers, and no model allows it.",
	.remedy = "point the program at the cluster's resolver, or add the "
		  "server to the model",
    },
    {
	.gid = 102,
	.id = 2052,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-bypass",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1572",
		.name = "Protocol Tunneling",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potential Corporate Privacy Violation",
	.title = "encrypted DNS past the cluster",
	.meaning = "A workload asks a public resolver by DNS over TLS, QUIC or "
		   "HTTPS, so that neither the cluster's resolver nor anybody "
		   "else sees the names.",
	.remedy =
	    "switch encrypted DNS off in the program, or add the resolver "
	    "to the model",
    },
    {
	.gid = 102,
	.id = 2053,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-names",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1568.002",
		.name = "Domain Generation Algorithms",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Domain Observed Used for C2 Detected",
	.title = "names that look generated",
	.meaning =
	    "A workload asks for many different domains that do not exist "
	    "and whose names are no words: malware that looks for the one "
	    "that its owner has registered does so.",
	.remedy = "look at the workload for programs that its image does not "
		  "hold",
    },
    {
	.gid = 102,
	.id = 2054,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-names",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "many missing names",
	.meaning =
	    "A workload asks for very many different domains that do not "
	    "exist; their names look like names.",
	.remedy = "find out where the list of names comes from",
    },
    {
	.gid = 102,
	.id = 2055,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-names",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1046",
		.name = "Network Service Discovery",
		.tactic = "Discovery",
		.tactic_id = "TA0007",
	    },
	.category = "Attempted Information Leak",
	.title = "services are guessed",
	.meaning = "A workload asks the cluster's resolver for many different "
		   "services that do not exist.",
	.remedy = "look for somebody in the workload who looks around in the "
		  "cluster",
    },
    {
	.gid = 102,
	.id = 2056,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-names",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1018",
		.name = "Remote System Discovery",
		.tactic = "Discovery",
		.tactic_id = "TA0007",
	    },
	.category = "Attempted Information Leak",
	.title = "addresses are swept by DNS",
	.meaning = "A workload asks for the names of many addresses, one after "
		   "the other, that have none.",
	.remedy = "look for somebody in the workload who looks around in the "
		  "cluster",
    },
    {
	.gid = 102,
	.id = 2057,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-load",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1498.001",
		.name = "Direct Network Flood",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Detection of a Denial of Service Attack",
	.title = "flood of DNS questions",
	.meaning =
	    "A workload asks one DNS server much more than the limit, and "
	    "more than ever before.",
	.remedy =
	    "find the program that asks, and make it remember what it was "
	    "answered",
    },
    {
	.gid = 102,
	.id = 2058,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-load",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1498.002",
		.name = "Reflection Amplification",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Detection of a Denial of Service Attack",
	.title = "amplification by DNS",
	.meaning =
	    "A server answers one client with very much more than it was "
	    "asked. Where the client is outside, its address may be "
	    "forged, and it is the victim.",
	.remedy = "let the resolver answer its own cluster only, and limit the "
		  "rate of answers",
    },
    {
	.gid = 102,
	.id = 2059,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "dns-load",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1590.002",
		.name = "DNS",
		.tactic = "Reconnaissance",
		.tactic_id = "TA0043",
	    },
	.category = "Attempted Information Leak",
	.title = "zone transfer",
	.meaning =
	    "A client asks a DNS server for all names of a zone at once, "
	    "which is for its secondary servers.",
	.remedy = "allow transfers to the secondary servers alone; if this is "
		  "one, add it to the model",
    },
    {
	.gid = 102,
	.id = 2065,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exfiltration",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1048",
		.name = "Exfiltration Over Alternative Protocol",
		.tactic = "Exfiltration",
		.tactic_id = "TA0010",
	    },
	.category = "Targeted Malicious Activity was Detected",
	.title = "more leaves than before",
	.meaning =
	    "A workload sent more to a destination outside than it has "
	    "reason to: above the limit of what its models say of it, and "
	    "a multiple of what it ever sent there within an hour.",
	.remedy = "find out what was sent; if it is right, add the destination "
		  "to the model",
    },
    {
	.gid = 102,
	.id = 2066,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exfiltration",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1048",
		.name = "Exfiltration Over Alternative Protocol",
		.tactic = "Exfiltration",
		.tactic_id = "TA0010",
	    },
	.category = "Targeted Malicious Activity was Detected",
	.title = "a consumer turned producer",
	.meaning = "A workload that mostly fetched from a destination sends "
		   "there now, much more than it gets.",
	.remedy = "find out what was sent there",
    },
    {
	.gid = 102,
	.id = 2067,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exfiltration",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1048",
		.name = "Exfiltration Over Alternative Protocol",
		.tactic = "Exfiltration",
		.tactic_id = "TA0010",
	    },
	.category = "Targeted Malicious Activity was Detected",
	.title = "one replica sends far more",
	.meaning = "Of several replicas of one workload, one sends far more to "
		   "the outside than all others.",
	.remedy = "look at that replica: nothing of its own should make it "
		  "differ",
    },
    {
	.gid = 102,
	.id = 2070,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "icmp-tunnel",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1095",
		.name = "Non-Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "data in pings",
	.meaning = "Echo requests and replies carry payloads that differ each "
		   "time and follow no pattern, or replies that do not repeat "
		   "their request.",
	.remedy = "stop ICMP from workloads to the outside, and look for the "
		  "program that sends it",
    },
    {
	.gid = 102,
	.id = 2075,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "impostors",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1036",
		.name = "Masquerading",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "serves what its image does not",
	.meaning = "All containers of a workload are of well-known images, and "
		   "none of them serves the application that it was seen to "
		   "serve; or it declares the port by a name that stands for "
		   "another application.",
	.remedy = "look at what listens in the workload; an image that was "
		  "built anew under an old name is worth a look as well",
    },
    {
	.gid = 102,
	.id = 2076,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "impostors",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1021",
		.name = "Remote Services",
		.tactic = "Lateral Movement",
		.tactic_id = "TA0008",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "starts what its image does not",
	.meaning =
	    "A workload whose image keeps data, and asks nobody but its "
	    "like, opened a connection by which machines are controlled, "
	    "or a web connection to the outside.",
	.remedy = "look for somebody in the workload; if it should do this, "
		  "allow it in a model",
    },
    {
	.gid = 102,
	.id = 2077,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "impostors",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1571",
		.name = "Non-Standard Port",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "a new port listens",
	.meaning =
	    "A workload accepts connections on a port that is neither "
	    "declared nor probed, and that it was not seen to use in its "
	    "learning time.",
	.remedy = "find out what listens there; if it is right, declare the "
		  "port or add it to the model",
    },
    {
	.gid = 102,
	.id = 2078,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "impostors",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1571",
		.name = "Non-Standard Port",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "A client was using an unusual port",
	.title = "an application on another's port",
	.meaning =
	    "A workload speaks a known application to the outside on a "
	    "port by which everybody expects another one: a way through a "
	    "firewall.",
	.remedy = "find out who listens there; if it is right, allow it in a "
		  "model with its `app:`",
    },
    {
	.gid = 102,
	.id = 2079,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "tls-clients",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1036",
		.name = "Masquerading",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "another program opens TLS",
	.meaning = "A workload opened TLS to the outside with another set of "
		   "versions, ciphers and extensions than all programs in it "
		   "use.",
	.remedy =
	    "find out which program it was; a new version of the image is "
	    "the usual reason",
    },
    {
	.gid = 102,
	.id = 2080,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "mining",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1496",
		.name = "Resource Hijacking",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Crypto Currency Mining Activity Detected",
	.title = "cryptocurrency is mined",
	.meaning =
	    "A workload speaks a protocol by which miners get their work.",
	.remedy = "stop the workload, and find out how the miner came into it",
    },
    {
	.gid = 102,
	.id = 2081,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "mining",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1496",
		.name = "Resource Hijacking",
		.tactic = "Impact",
		.tactic_id = "TA0040",
	    },
	.category = "Crypto Currency Mining Activity Detected",
	.title = "a mining pool's name",
	.meaning = "A workload connected to a server whose name is that of a "
		   "mining pool; what was said is encrypted or was not seen.",
	.remedy = "look for a miner in the workload",
    },
    {
	.gid = 102,
	.id = 2082,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "tls-clients",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1036",
		.name = "Masquerading",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Potentially Bad Traffic",
	.title = "TLS by a library that the image has not",
	.meaning = "The way in which TLS was opened is another library's than "
		   "any program of the image has: a program runs in it that "
		   "somebody brought.",
	.remedy = "look at what runs in the container; if its image was built "
		  "with that program, allow the flow in its model",
    },
    {
	.gid = 102,
	.id = 2085,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "shells",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1059.004",
		.name = "Unix Shell",
		.tactic = "Execution",
		.tactic_id = "TA0002",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "a reverse shell",
	.meaning = "A workload opened a connection, and a shell is at its own "
		   "end: the other end sends the commands.",
	.remedy = "isolate the workload; somebody has control of it",
    },
    {
	.gid = 102,
	.id = 2086,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "shells",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1059.004",
		.name = "Unix Shell",
		.tactic = "Execution",
		.tactic_id = "TA0002",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "a shell that listens",
	.meaning = "Somebody connected to a workload and found a shell behind "
		   "the port.",
	.remedy = "isolate the workload; somebody has control of it",
    },
    {
	.gid = 102,
	.id = 2087,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "shells",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1059",
		.name = "Command and Scripting Interpreter",
		.tactic = "Execution",
		.tactic_id = "TA0002",
	    },
	.category = "Potentially Bad Traffic",
	.title = "the rhythm of a shell",
	.meaning = "A workload opened a connection of an unknown protocol in "
		   "which the other end speaks first, in short lines, with a "
		   "person's pauses, and the workload answers at length.",
	.remedy = "find out which program holds the connection",
    },
    {
	.gid = 102,
	.id = 2088,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "hidden-shells",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "the rhythm of a shell in an encrypted connection",
	.meaning =
	    "A workload opened a connection by TLS or SSH in which the "
	    "other end begins each time, in short lines and with a "
	    "person's pauses, and the workload answers at length and each "
	    "time otherwise.",
	.remedy = "find out which program holds the connection",
    },
    {
	.gid = 102,
	.id = 2090,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "geography",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "a country for the first time",
	.meaning = "An application met an outside end in a country that it did "
		   "not meet in its learning time or since.",
	.remedy = "find out whether the application has reason to; if it has, "
		  "nothing need be done, for it is said once",
    },
    {
	.gid = 102,
	.id = 2091,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "geography",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "a network for the first time",
	.meaning = "An application opened a connection to an autonomous system "
		   "that it did not meet in its learning time or since.",
	.remedy = "find out whether the application has reason to; if it has, "
		  "nothing need be done, for it is said once",
    },
    {
	.gid = 102,
	.id = 2100,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "version 1 of SSH",
	.meaning = "A server or client speaks the first version of SSH, whose "
		   "connections can be read along and changed.",
	.remedy = "update it, or switch version 1 off",
    },
    {
	.gid = 102,
	.id = 2101,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "version 2 of SSL",
	.meaning = "A client offers nothing but version 2 of SSL, which nobody "
		   "should accept.",
	.remedy = "update the client; scanners of weaknesses do this as well",
    },
    {
	.gid = 102,
	.id = 2102,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "version 3.0 of SSL",
	.meaning =
	    "A server chose version 3.0 of SSL, whose connections can be "
	    "read along (POODLE).",
	.remedy = "switch it off in the server",
    },
    {
	.gid = 102,
	.id = 2104,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "Heartbleed",
	.meaning =
	    "A heartbeat request of TLS says that it holds far more than "
	    "it does, so that a vulnerable server answers with its memory "
	    "(CVE-2014-0160).",
	.remedy = "update OpenSSL on the server; if it was vulnerable, change "
		  "its keys and passwords",
    },
    {
	.gid = 102,
	.id = 2105,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "request smuggling",
	.meaning =
	    "An HTTP request says its length in two ways, or in one that "
	    "programs read differently: a proxy and the server behind it "
	    "can be made to disagree on where it ends.",
	.remedy = "let the proxy refuse such requests, and look at what "
		  "followed on that connection",
    },
    {
	.gid = 102,
	.id = 2106,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Potentially Bad Traffic",
	.title = "a DNS name that leads in a circle",
	.meaning = "A DNS message holds a name whose pointer does not lead "
		   "backwards; a careless reader follows it for ever.",
	.remedy = "look at who sends it: no sound program does",
    },
    {
	.gid = 102,
	.id = 2107,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "protocols",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1557",
		.name = "Adversary-in-the-Middle",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "segments that say two things in one place",
	.meaning =
	    "A TCP segment was sent again with other octets. Senders "
	    "repeat what they said; who says two things shows one to the "
	    "receiver and another to whoever reads along, or answers in "
	    "somebody's name before he does.",
	.remedy = "look at both packets; where neither end is an attacker's, "
		  "somebody between them is, or a middlebox rewrites what "
		  "passes it",
    },
    {
	.gid = 102,
	.id = 2120,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "SQL injection",
	.meaning = "A request carries the syntax of SQL where a value belongs. "
		   "Whether it had an effect is not known.",
	.remedy = "look at the application: its statements must have "
		  "placeholders; look at what else this client asked",
    },
    {
	.gid = 102,
	.id = 2121,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1059.007",
		.name = "JavaScript",
		.tactic = "Execution",
		.tactic_id = "TA0002",
	    },
	.category = "Web Application Attack",
	.title = "cross-site scripting",
	.meaning = "A request carries a script that a page might show to "
		   "somebody else.",
	.remedy = "look at whether the application shows what it was sent "
		  "without escaping it",
    },
    {
	.gid = 102,
	.id = 2122,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1083",
		.name = "File and Directory Discovery",
		.tactic = "Discovery",
		.tactic_id = "TA0007",
	    },
	.category = "Web Application Attack",
	.title = "path traversal",
	.meaning = "A request carries a path that climbs out of its directory, "
		   "or the name of a file that no application gives out.",
	.remedy =
	    "look at whether the file was sent, by the size of the answer",
    },
    {
	.gid = 102,
	.id = 2123,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "command injection",
	.meaning = "A request carries a command behind the characters that end "
		   "one in a shell, or an expression of a template.",
	.remedy = "look for programs that the server started just after",
    },
    {
	.gid = 102,
	.id = 2124,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "JNDI lookup",
	.meaning = "A request carries a lookup that makes a vulnerable Log4j "
		   "fetch and run code (CVE-2021-44228).",
	.remedy =
	    "look for connections by LDAP, RMI or DNS that the server, or "
	    "what it logs to, opened just after",
    },
    {
	.gid = 102,
	.id = 2125,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "OGNL injection",
	.meaning =
	    "A request carries an expression that vulnerable versions of "
	    "Struts and Confluence run.",
	.remedy = "look for programs that the server started just after, and "
		  "update it",
    },
    {
	.gid = 102,
	.id = 2126,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "Spring or Java injection",
	.meaning =
	    "A request reaches for the class loader or runtime of a Java "
	    "program (CVE-2022-22965, CVE-2022-22963).",
	.remedy = "look for new files in the web server, and update the "
		  "framework",
    },
    {
	.gid = 102,
	.id = 2127,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "Shellshock",
	.meaning = "A header begins as a function of a shell does, which old "
		   "versions of bash ran (CVE-2014-6271).",
	.remedy = "update bash if the server runs CGI programs",
    },
    {
	.gid = 102,
	.id = 2128,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1552.005",
		.name = "Cloud Instance Metadata API",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Web Application Attack",
	.title = "server-side request forgery",
	.meaning =
	    "A request asks a server to fetch from the address where a "
	    "cloud gives its machines their credentials, or by a protocol "
	    "that is none of the web.",
	.remedy = "look whether the server opened a connection to that address "
		  "just after",
    },
    {
	.gid = 102,
	.id = 2129,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1505.003",
		.name = "Web Shell",
		.tactic = "Persistence",
		.tactic_id = "TA0003",
	    },
	.category = "Web Application Attack",
	.title = "code for a web shell",
	.meaning =
	    "A request carries code to be stored or included by a server, "
	    "or a command to such code that is there already.",
	.remedy = "look for new files in the web server",
    },
    {
	.gid = 102,
	.id = 2130,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "XML that reads files",
	.meaning =
	    "A document in a request declares an entity that is read from "
	    "a file or address.",
	.remedy = "switch external entities off in the program that reads XML",
    },
    {
	.gid = 102,
	.id = 2131,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1595.002",
		.name = "Vulnerability Scanning",
		.tactic = "Reconnaissance",
		.tactic_id = "TA0043",
	    },
	.category = "Web Application Attack",
	.title = "an attack tool by name",
	.meaning = "A request says in its User-Agent that a scanner or attack "
		   "tool sent it.",
	.remedy = "find out whether somebody tests on your behalf",
    },
    {
	.gid = 102,
	.id = 2132,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "a query's operator in a request",
	.meaning =
	    "A request has an operator of a database's query language "
	    "(MongoDB's, or a filter of LDAP) where a name or a password "
	    "belongs: whatever is stored there then fits.",
	.remedy = "find out whether the server takes more than texts there",
    },
    {
	.gid = 102,
	.id = 2133,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "exploits",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "an object in a request",
	.meaning = "A request carries a serialised object (Java, PHP, .NET, "
		   "YAML, or a type in JSON), of which many run code when a "
		   "server reads them.",
	.remedy = "find out whether the server reads objects from strangers",
    },
    {
	.gid = 102,
	.id = 2140,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "cloud-metadata",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1552.005",
		.name = "Cloud Instance Metadata API",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Attempted Information Leak",
	.title = "cloud credentials asked for",
	.meaning =
	    "A workload asked for the credentials of the machine that it "
	    "runs on, or for what that was started with. Who makes a "
	    "server fetch addresses, or has a shell in it, does so.",
	.remedy =
	    "find out what made the workload ask; deny it 169.254.169.254",
    },
    {
	.gid = 102,
	.id = 2141,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "path-guessing",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1595.003",
		.name = "Wordlist Scanning",
		.tactic = "Reconnaissance",
		.tactic_id = "TA0043",
	    },
	.category = "Web Application Attack",
	.title = "paths of a web server guessed",
	.meaning =
	    "Somebody asked for many different paths within a minute, of "
	    "which nearly none are there, and not for the parts of a "
	    "page.",
	.remedy = "block the client, and see what it found",
    },
    {
	.gid = 102,
	.id = 2142,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "secret-paths",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1595.003",
		.name = "Wordlist Scanning",
		.tactic = "Reconnaissance",
		.tactic_id = "TA0043",
	    },
	.category = "Web Application Attack",
	.title = "secrets of a web server asked for",
	.meaning =
	    "Somebody asked for files that hold passwords, keys or source "
	    "code and have no business on a web server.",
	.remedy = "see that none of them is served",
    },
    {
	.gid = 102,
	.id = 2143,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "secret-paths",
	.severity = SEVERITY_CRITICAL,
	.technique =
	    {
		.id = "T1552.001",
		.name = "Credentials In Files",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Successful Administrator Privilege Gain",
	.title = "a secret was served",
	.meaning = "A web server answered a request for a file of secrets with "
		   "something that is no page.",
	.remedy = "take the file away, and change what is in it",
    },
    {
	.gid = 103,
	.id = 3002,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1059.007",
		.name = "JavaScript",
		.tactic = "Execution",
		.tactic_id = "TA0002",
	    },
	.category = "Web Application Attack",
	.title = "URL that may hold a script (nDPI)",
	.meaning = "nDPI marks the flow with its risk 1: a URL that may hold a "
		   "script. Said of flows with an end outside that no model "
		   "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3003,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "URL that may hold SQL (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 2: a URL that may hold "
	    "SQL. Said of flows with an end outside that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3004,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "URL that may hold a command (nDPI)",
	.meaning = "nDPI marks the flow with its risk 3: a URL that may hold a "
		   "command. Said of flows with an end outside that no model "
		   "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3005,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1105",
		.name = "Ingress Tool Transfer",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "A suspicious filename was detected",
	.title = "program that is transferred over HTTP (nDPI)",
	.meaning = "nDPI marks the flow with its risk 4: a program that is "
		   "transferred over HTTP. Off unless `noise` is set: it is "
		   "ordinary in clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3006,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1571",
		.name = "Non-Standard Port",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "known protocol on another port (nDPI)",
	.meaning = "nDPI marks the flow with its risk 5: a known protocol on "
		   "another port. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3007,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "self-signed certificate (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 6: a self-signed "
	    "certificate. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3008,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "obsolete version of TLS (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 7: an obsolete version of "
	    "TLS. Said of flows with an end outside that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3009,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "weak cipher of TLS (nDPI)",
	.meaning = "nDPI marks the flow with its risk 8: a weak cipher of TLS. "
		   "Said of flows with an end outside that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3010,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "certificate that has expired (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 9: a certificate that has "
	    "expired. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3011,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1557",
		.name = "Adversary-in-the-Middle",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "certificate of another name (nDPI)",
	.meaning = "nDPI marks the flow with its risk 10: a certificate of "
		   "another name. Said of flows with an end outside that no "
		   "model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3012,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071.001",
		.name = "Web Protocols",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "suspicious user agent (nDPI)",
	.meaning = "nDPI marks the flow with its risk 11: a suspicious user "
		   "agent. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3013,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071.001",
		.name = "Web Protocols",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "address in place of a host's name (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 12: an address in place of "
	    "a host's name. Off unless `noise` is set: it is ordinary in "
	    "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3014,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "suspicious URL (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 13: a suspicious URL. Off "
	    "unless `noise` is set: it is ordinary in clusters, or "
	    "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3015,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Web Application Attack",
	.title = "suspicious header (nDPI)",
	.meaning = "nDPI marks the flow with its risk 14: a suspicious header. "
		   "Off unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3016,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "TLS that does not carry HTTPS (nDPI)",
	.meaning = "nDPI marks the flow with its risk 15: TLS that does not "
		   "carry HTTPS. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3017,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1568.002",
		.name = "Domain Generation Algorithms",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "name that may be generated (nDPI)",
	.meaning = "nDPI marks the flow with its risk 16: a name that may be "
		   "generated. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3018,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1095",
		.name = "Non-Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "malformed packet (nDPI)",
	.meaning = "nDPI marks the flow with its risk 17: a malformed packet. "
		   "Off unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3019,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "obsolete SSH client or cipher (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 18: an obsolete SSH client "
	    "or cipher. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3020,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potentially Bad Traffic",
	.title = "obsolete SSH server or cipher (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 19: an obsolete SSH server "
	    "or cipher. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3021,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1210",
		.name = "Exploitation of Remote Services",
		.tactic = "Lateral Movement",
		.tactic_id = "TA0008",
	    },
	.category = "Potentially Bad Traffic",
	.title = "version 1 of SMB (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 20: version 1 of SMB. Said "
	    "everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3022,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "suspicious use of encrypted server names (nDPI)",
	.meaning = "nDPI marks the flow with its risk 21: a suspicious use of "
		   "encrypted server names. Said of flows with an end outside "
		   "that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3023,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potential Corporate Privacy Violation",
	.title = "unsafe protocol (nDPI)",
	.meaning = "nDPI marks the flow with its risk 22: an unsafe protocol. "
		   "Off unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3024,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "suspicious DNS traffic (nDPI)",
	.meaning = "nDPI marks the flow with its risk 23: suspicious DNS "
		   "traffic. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3025,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "TLS that names no server (nDPI)",
	.meaning = "nDPI marks the flow with its risk 24: TLS that names no "
		   "server. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3026,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1027",
		.name = "Obfuscated Files or Information",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Potentially Bad Traffic",
	.title = "content that its type does not explain (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 25: content that its type "
	    "does not explain. Off unless `noise` is set: it is ordinary "
	    "in clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3027,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "network of bad repute (nDPI)",
	.meaning = "nDPI marks the flow with its risk 26: a network of bad "
		   "repute. Said everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3028,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Malware Command and Control Activity Detected",
	.title = "domain of bad repute (nDPI)",
	.meaning = "nDPI marks the flow with its risk 27: a domain of bad "
		   "repute. Said everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3029,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "A Network Trojan was detected",
	.title = "client known from malware (nDPI)",
	.meaning = "nDPI marks the flow with its risk 28: a client known from "
		   "malware. Said everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3030,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "A Network Trojan was detected",
	.title = "certificate known from malware (nDPI)",
	.meaning = "nDPI marks the flow with its risk 29: a certificate known "
		   "from malware. Said everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3031,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1219",
		.name = "Remote Access Software",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potential Corporate Privacy Violation",
	.title = "remote control or file sharing (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 30: remote control or file "
	    "sharing. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3032,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "uncommon protocol inside TLS (nDPI)",
	.meaning = "nDPI marks the flow with its risk 31: an uncommon protocol "
		   "inside TLS. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3033,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "certificate that is valid for too long (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 32: a certificate that is "
	    "valid for too long. Off unless `noise` is set: it is "
	    "ordinary in clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3034,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "suspicious extension of TLS (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 33: a suspicious extension "
	    "of TLS. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3035,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "fatal alert of TLS (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 34: a fatal alert of TLS. "
	    "Off unless `noise` is set: it is ordinary in clusters, or "
	    "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3036,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1027",
		.name = "Obfuscated Files or Information",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "unusual entropy (nDPI)",
	.meaning = "nDPI marks the flow with its risk 35: an unusual entropy. "
		   "Off unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3037,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1040",
		.name = "Network Sniffing",
		.tactic = "Credential Access",
		.tactic_id = "TA0006",
	    },
	.category = "Potential Corporate Privacy Violation",
	.title = "credentials in clear text (nDPI)",
	.meaning = "nDPI marks the flow with its risk 36: credentials in clear "
		   "text. Said of flows with an end outside that no model "
		   "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3038,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "large DNS packet (nDPI)",
	.meaning = "nDPI marks the flow with its risk 37: a large DNS packet. "
		   "Off unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3039,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071.004",
		.name = "DNS",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "fragmented DNS (nDPI)",
	.meaning = "nDPI marks the flow with its risk 38: fragmented DNS. Off "
		   "unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3040,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1027",
		.name = "Obfuscated Files or Information",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Detection of a Non-Standard Protocol or Event",
	.title = "text with invalid characters (nDPI)",
	.meaning = "nDPI marks the flow with its risk 39: text with invalid "
		   "characters. Off unless `noise` is set: it is ordinary in "
		   "clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3041,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Attempted Administrator Privilege Gain",
	.title = "possible exploit (nDPI)",
	.meaning = "nDPI marks the flow with its risk 40: a possible exploit. "
		   "Said everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3042,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "certificate that is about to expire (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 41: a certificate that is "
	    "about to expire. Off unless `noise` is set: it is ordinary "
	    "in clusters, or another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3043,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1036",
		.name = "Masquerading",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Misc activity",
	.title = "name in punycode (nDPI)",
	.meaning = "nDPI marks the flow with its risk 42: a name in punycode. "
		   "Said of flows with an end outside that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3044,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Misc activity",
	.title = "error code (nDPI)",
	.meaning = "nDPI marks the flow with its risk 43: an error code. Off "
		   "unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3045,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1595.002",
		.name = "Vulnerability Scanning",
		.tactic = "Reconnaissance",
		.tactic_id = "TA0043",
	    },
	.category = "Misc activity",
	.title = "crawler or bot (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 44: a crawler or bot. Off "
	    "unless `noise` is set: it is ordinary in clusters, or "
	    "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3046,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1199",
		.name = "Trusted Relationship",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Misc activity",
	.title = "anonymous subscriber (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 45: an anonymous "
	    "subscriber. Said of flows with an end outside that no model "
	    "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3047,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1095",
		.name = "Non-Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "traffic one way only (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 46: traffic one way only. "
	    "Off unless `noise` is set: it is ordinary in clusters, or "
	    "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3048,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1190",
		.name = "Exploit Public-Facing Application",
		.tactic = "Initial Access",
		.tactic_id = "TA0001",
	    },
	.category = "Potentially Bad Traffic",
	.title = "obsolete HTTP server (nDPI)",
	.meaning = "nDPI marks the flow with its risk 47: an obsolete HTTP "
		   "server. Said of flows with an end outside that no model "
		   "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3049,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "periodic flow (nDPI)",
	.meaning = "nDPI marks the flow with its risk 48: a periodic flow. Off "
		   "unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3050,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "minor issues (nDPI)",
	.meaning = "nDPI marks the flow with its risk 49: minor issues. Off "
		   "unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3051,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1095",
		.name = "Non-Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "TCP connection issues (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 50: TCP connection issues. "
	    "Off unless `noise` is set: it is ordinary in clusters, or "
	    "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3052,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1573",
		.name = "Encrypted Channel",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Potentially Bad Traffic",
	.title = "fully encrypted flow (nDPI)",
	.meaning = "nDPI marks the flow with its risk 51: a fully encrypted "
		   "flow. Said of flows with an end outside that no model "
		   "allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3053,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1036",
		.name = "Masquerading",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Potentially Bad Traffic",
	.title = "protocol and a server's name that do not fit (nDPI)",
	.meaning = "nDPI marks the flow with its risk 52: a protocol and a "
		   "server's name that do not fit. Said of flows with an end "
		   "outside that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3054,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_HIGH,
	.technique =
	    {
		.id = "T1071",
		.name = "Application Layer Protocol",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "A Network Trojan was detected",
	.title = "host known from malware (nDPI)",
	.meaning = "nDPI marks the flow with its risk 53: a host known from "
		   "malware. Said everywhere.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3055,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1105",
		.name = "Ingress Tool Transfer",
		.tactic = "Command and Control",
		.tactic_id = "TA0011",
	    },
	.category = "Misc activity",
	.title = "binary data (nDPI)",
	.meaning = "nDPI marks the flow with its risk 54: binary data. Off "
		   "unless `noise` is set: it is ordinary in clusters, or "
		   "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3056,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_LOW,
	.technique =
	    {
		.id = "T1046",
		.name = "Network Service Discovery",
		.tactic = "Discovery",
		.tactic_id = "TA0007",
	    },
	.category = "Attempted Information Leak",
	.title = "probing attempt (nDPI)",
	.meaning =
	    "nDPI marks the flow with its risk 55: a probing attempt. Off "
	    "unless `noise` is set: it is ordinary in clusters, or "
	    "another detector is surer.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 103,
	.id = 3057,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.detector = "risks",
	.severity = SEVERITY_MEDIUM,
	.technique =
	    {
		.id = "T1027",
		.name = "Obfuscated Files or Information",
		.tactic = "Defense Evasion",
		.tactic_id = "TA0005",
	    },
	.category = "Potentially Bad Traffic",
	.title = "obfuscated traffic (nDPI)",
	.meaning = "nDPI marks the flow with its risk 56: obfuscated traffic. "
		   "Said of flows with an end outside that no model allows.",
	.remedy = "look at the flow; if it is ordinary here, switch the "
		  "detector off for these two",
    },
    {
	.gid = 104,
	.id = 4001,
	.revision = 1,
	.deviation = DEVIATION_NONE,
	.severity = SEVERITY_HIGH,
	.category = "Detection of a Denial of Service Attack",
	.title = "worker died",
	.meaning =
	    "A process that reads packets ended without being told to, as "
	    "one does in which a decoder or nDPI fails. Its flows in "
	    "progress are neither judged nor recorded; all others are. "
	    "Somebody may have sent a packet that does this.",
	.remedy = "look at what came just before in the packets of that time; "
		  "update nDPI, and report the packet",
    },
};

const size_t catalog_signature_count =
    sizeof(catalog_signatures) / sizeof(catalog_signatures[0]);
