// What the later form of the portable NIC architecture has, in which a packet meets parser, main control and deparser
// and nothing before: metadata, forwarding, entries that the data plane adds. Included by tc/pna.p4.
#ifndef P4BPF_PNA_MAIN_P4
#define P4BPF_PNA_MAIN_P4

#include <pna/common.p4>

match_kind {
    range,     // between two bounds, both included
    selector,  // not matched: input of the hash by which an ActionSelector picks a member
    optional   // equal, or anything
}

// Values of a table's property pna_idle_timeout.
enum PNA_IdleTimeout_t {
    NO_TIMEOUT,
    NOTIFY_CONTROL,
    AUTO_DELETE
}

enum PNA_Source_t {
    FROM_HOST,
    FROM_NET
}

struct pna_main_parser_input_metadata_t {
    bool     recirculated;
    PortId_t input_port;  // of the network or of the host; is_net_port tells
}

struct pna_main_input_metadata_t {
    bool             recirculated;
    Timestamp_t      timestamp;
    ParserError_t    parser_error;
    ClassOfService_t class_of_service;
    PortId_t         input_port;
}

struct pna_main_output_metadata_t {
    ClassOfService_t class_of_service;  // 0 when the main control starts
}

extern bool is_host_port(in PortId_t p);
extern bool is_net_port(in PortId_t p);

extern void send_to_port(in PortId_t dest_port);
extern void mirror_packet(in MirrorSlotId_t mirror_slot_id, in MirrorSessionId_t mirror_session_id);

// -- Entries that the data plane adds ---------------------------------------------------------------------------------

typedef bit<1> AddEntryErrorStatus_t;

const AddEntryErrorStatus_t ADD_ENTRY_SUCCESS = 0;
const AddEntryErrorStatus_t ADD_ENTRY_NOT_DONE = 1;

// Called in the default action of a table that missed: gives it an entry for the key that was looked up. The fields of
// `action_params` are named like the action's parameters and stand in their order.
extern AddEntryErrorStatus_t add_entry<T>(string action_name,
                                          in T action_params,
                                          in ExpireTimeProfileId_t expire_time_profile_id);

// The same if `do_add_entry` holds, else ADD_ENTRY_NOT_DONE.
extern AddEntryErrorStatus_t add_entry_if<T>(in bool do_add_entry,
                                             string action_name,
                                             in T action_params,
                                             in ExpireTimeProfileId_t expire_time_profile_id);

// set_entry_expire_time if `condition` holds.
extern void set_entry_expire_time_if(in bool condition, in ExpireTimeProfileId_t expire_time_profile_id);

// If `update_aging_info` holds: set_entry_expire_time if `update_expire_time` holds, else restart_expire_timer.
extern void update_expire_info(in bool update_aging_info,
                               in bool update_expire_time,
                               in ExpireTimeProfileId_t expire_time_profile_id);

// One value for packets from the net, another for those from the host.
@pure
extern T SelectByDirection<T>(in bool is_network_port, in T from_net_value, in T from_host_value);

#endif
