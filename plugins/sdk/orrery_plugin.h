/* SPDX-FileCopyrightText: Orrery contributors
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The plugin ABI, version 1, in C99. A plugin is a shared library that exports one symbol, `orrery_plugin_v1`. The C++ API
 * over it is plugins/sdk/orrery.h; write against this header only from another language.
 *
 * Growing: every struct marked "sized" begins with `size`, which its maker sets to sizeof as it knew it. A reader uses a
 * field only when it lies within `size`; absent means zero. Fields are added at the end and never change meaning. Structs not
 * marked so are fixed for ever. Whatever needs more than that is `orrery_plugin_v2`.
 * Memory: neither side frees what the other made. What the plugin returns (tables, texts) is static: it lives and stays the
 * same while the library is loaded. What the host passes lives until the callback returns. Texts are UTF-8 and end in NUL
 * where no length stands beside them.
 * Threads: orrery_plugin_v1() and the ports callback are called once or more on one thread, before any task. run() is called
 * on one thread at a time per worker process (an actor's methods too, but for actors with max_concurrency > 1). Host
 * functions are called on the thread that run() was called on; is_cancelled may be called on any thread until run() returns.
 * No C++ exception and no longjmp crosses this border in either direction. */

#include "plugins/sdk/orrery_value.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORRERY_ABI_V1 1u

/* What run() and host functions return. */
enum {
    ORRERY_OK = 0,
    ORRERY_FAILED = 1,    /* run(): after host->fail(); host functions: host->last_error() says why */
    ORRERY_CANCELLED = 2, /* the task was cancelled: run() stops and returns this */
    ORRERY_TIMEOUT = 3    /* get, wait */
};

enum { ORRERY_LOG_DEBUG = 0, ORRERY_LOG_INFO = 1, ORRERY_LOG_WARNING = 2, ORRERY_LOG_ERROR = 3 };

/* ---- What a plugin says of itself ------------------------------------------------------------------------------------ */

/* Sized. One input or output. */
typedef struct orrery_port_v1_t {
    uint32_t size;
    uint32_t optional;  /* 1: an input that may stay unconnected; then it has no values */
    const char* name;   /* [a-z][a-z0-9_]{0,62}, unique among the inputs and among the outputs */
    const char* type;   /* bool i64 f64 string bytes json tensor table image any, list<T> of any of these, nested */
    const char* doc;    /* one sentence */
} orrery_port_v1_t;

/* Fixed. "CPU", "GPU", "memory" (bytes) or a name of the cluster's own. */
typedef struct orrery_resource_v1_t {
    const char* name;
    double amount;
} orrery_resource_v1_t;

struct orrery_call_v1_t;

/* Sized. Where a ports callback puts the ports it computes; what it passes is copied. */
typedef struct orrery_ports_sink_v1_t {
    uint32_t size;
    uint32_t reserved;
    void* sink;
    void (*input)(void* sink, const orrery_port_v1_t* port);
    void (*output)(void* sink, const orrery_port_v1_t* port);
    void (*fail)(void* sink, const char* text); /* parameters from which no ports follow, and why */
} orrery_ports_sink_v1_t;

/* Sized. A remote function, or a method of an actor class. */
typedef struct orrery_function_v1_t {
    uint32_t size;
    uint32_t pure;        /* 1: equal inputs and parameters give equal results; may be cached */
    const char* name;     /* "imaging.render": the plugin's name, a dot, [a-z][a-z0-9_]{0,62}; a method: the last part only */
    const char* label;    /* for people: "colour map" */
    const char* doc;
    const char* category; /* heading in the library: "Filter" */
    const char* icon;     /* a name of the icon set: "drop" */
    const orrery_port_v1_t* const* inputs;
    const orrery_port_v1_t* const* outputs;
    uint32_t input_count;
    uint32_t output_count;
    const char* params;   /* JSON schema of the parameters (an object), as text; keywords used: plugins/sdk/README.md */
    const orrery_resource_v1_t* resources; /* what a task holds while it runs; none: it is always admitted */
    uint32_t resource_count;
    int32_t retries;      /* attempts after the first when a worker or node dies; 0: never run twice; -1: without end */
    void* self;           /* passed to run and ports; an actor's method gets the actor instead */
    /* ORRERY_OK: every output was given. Else ORRERY_FAILED (after call->host->fail) or ORRERY_CANCELLED. */
    int32_t (*run)(const struct orrery_call_v1_t* call, void* self);
    /* Optional: ports that depend on the parameters. Replaces inputs and outputs. Same parameters, same ports, always. */
    int32_t (*ports)(const char* params, uint64_t params_bytes, const orrery_ports_sink_v1_t* sink, void* self);
} orrery_function_v1_t;

/* Sized. State with methods. */
typedef struct orrery_actor_v1_t {
    uint32_t size;
    uint32_t max_concurrency; /* 1: one call at a time, in order */
    const char* name;
    const char* label;
    const char* doc;
    const char* category;
    const char* icon;
    const char* params;       /* JSON schema of what the constructor takes */
    const orrery_resource_v1_t* resources;
    uint32_t resource_count;
    uint32_t method_count;
    const orrery_function_v1_t* const* methods;
    void* self;
    /* Makes the state and stores it in *actor; `call` has no outputs. */
    int32_t (*create)(const struct orrery_call_v1_t* call, void* self, void** actor);
    void (*destroy)(void* actor);
    /* Optional, both or neither: the state as output 0 of `call`; the state made again from input 0. */
    int32_t (*checkpoint)(const struct orrery_call_v1_t* call, void* actor);
    int32_t (*restore)(const struct orrery_call_v1_t* call, void* self, void** actor);
} orrery_actor_v1_t;

/* Sized. The library. */
typedef struct orrery_plugin_v1_t {
    uint32_t size;
    uint32_t abi;          /* ORRERY_ABI_V1 */
    const char* name;      /* [a-z][a-z0-9_]{0,62} */
    const char* version;   /* "1.2.0" */
    const char* doc;
    uint32_t fork_safe;    /* 1: starts no thread and opens nothing when loaded, so a loaded process may be forked */
    uint32_t function_count;
    const orrery_function_v1_t* const* functions;
    uint32_t actor_count;
    uint32_t page_count;
    const orrery_actor_v1_t* const* actors;
    const char* const* pages; /* JSON texts (design: window.md 5) */
} orrery_plugin_v1_t;

/* ---- A call ---------------------------------------------------------------------------------------------------------- */

/* Fixed. A sealed value: read-only, 64-byte aligned, its header within `bytes`. Check it before reading
 * (orrery_value_check): the C++ API does. Lives until run() returns. */
typedef struct orrery_view_v1_t {
    const orrery_value_t* value;
    uint64_t bytes;
} orrery_view_v1_t;

/* Fixed. What one input port got. A list<T> port: its items, one view each, whether they came as one list value, as the
 * results of a map, or from several edges, in order. Any other port (an `any` port too): one view. An optional port that is
 * not connected: none. */
typedef struct orrery_input_v1_t {
    const orrery_view_v1_t* items;
    uint64_t count;
} orrery_input_v1_t;

/* Fixed. An object of this job, known to the call that got it from submit or put. */
typedef struct orrery_ref_v1_t {
    uint64_t word[2];
} orrery_ref_v1_t;

/* Fixed. An argument of a submitted call: a value (copied before submit returns) or an object. Several of one port: in order. */
typedef struct orrery_argument_v1_t {
    uint32_t port;         /* index of the input port */
    uint32_t is_ref;
    orrery_view_v1_t view; /* is_ref 0 */
    orrery_ref_v1_t ref;   /* is_ref 1 */
} orrery_argument_v1_t;

/* Sized. */
typedef struct orrery_submit_v1_t {
    uint32_t size;
    uint32_t argument_count;
    const char* function;  /* "basic.add"; of an actor: the method */
    const char* params;    /* JSON object; defaults are filled in by the host. NULL: {} */
    const orrery_argument_v1_t* arguments;
    const char* options;   /* JSON: {"resources": {...}, "retries": n}; NULL: the function's own */
    const orrery_ref_v1_t* actor; /* NULL: a task */
} orrery_submit_v1_t;

/* Sized. */
typedef struct orrery_create_actor_v1_t {
    uint32_t size;
    uint32_t argument_count;
    const char* actor_class;
    const char* params;
    const orrery_argument_v1_t* arguments;
    const char* options;   /* JSON: {"name": "...", "resources": {...}, "max_restarts": n}; NULL: none */
} orrery_create_actor_v1_t;

#define ORRERY_FOR_PUT 0xFFFFFFFFu

/* Sized. What the host does for a call. `host` is call->context, always the first argument.
 * A NULL function is not offered here (a driver or test offers less); functions up to last_error are always there. */
typedef struct orrery_host_v1_t {
    uint32_t size;
    uint32_t reserved;
    /* Writable, 64-byte aligned memory in the store in which the plugin builds the value of output `output`, header first.
     * The contents are unspecified. Sealed when run() returns ORRERY_OK; the value's `size` may be less than `bytes`, the
     * rest is given back. Once for each output. NULL: no such output, given before, or no memory; last_error() says which.
     * With ORRERY_FOR_PUT: memory for a value that is then given to put(), which does not copy it. */
    void* (*allocate)(void* host, uint32_t output, uint64_t bytes);
    /* For a list<T> output, instead of allocate: memory for its next item. The list value is made when run() returns.
     * Zero items: call append with bytes 0, which returns NULL and makes the list empty. */
    void* (*append)(void* host, uint32_t output, uint64_t bytes);
    /* Says why run() returns ORRERY_FAILED: one sentence, copied, at most 4 KiB of it kept. */
    void (*fail)(void* host, const char* text, uint64_t bytes);
    void (*log)(void* host, int32_t level, const char* text, uint64_t bytes);
    void (*progress)(void* host, double fraction); /* 0..1; cheap, may be called often */
    int32_t (*is_cancelled)(void* host);           /* 1: stop soon and return ORRERY_CANCELLED. A few nanoseconds */
    const char* (*last_error)(void* host);         /* of the last host function that failed; valid until the next call */
    /* Offered by a host that can run other tasks. Waiting gives the call's CPU back meanwhile. timeout_ns < 0: without end. */
    int32_t (*submit)(void* host, const orrery_submit_v1_t* what, orrery_ref_v1_t* outputs, uint32_t output_count);
    int32_t (*get)(void* host, const orrery_ref_v1_t* ref, int64_t timeout_ns, orrery_view_v1_t* view);
    /* Returns when `needed` of the objects are there; ready[i] is set to 0 or 1. */
    int32_t (*wait)(void* host, const orrery_ref_v1_t* refs, uint32_t count, uint32_t needed, int64_t timeout_ns, uint8_t* ready);
    int32_t (*put)(void* host, const void* value, uint64_t bytes, orrery_ref_v1_t* ref);
    int32_t (*release)(void* host, const orrery_ref_v1_t* ref); /* optional: every ref ends with the call */
    int32_t (*create_actor)(void* host, const orrery_create_actor_v1_t* what, orrery_ref_v1_t* actor);
    int32_t (*checkpoint)(void* host); /* an actor: now is a good moment */
} orrery_host_v1_t;

/* Sized. One attempt of one task. */
typedef struct orrery_call_v1_t {
    uint32_t size;
    uint32_t attempt;      /* from 1 */
    const orrery_host_v1_t* host;
    void* context;         /* first argument of every host function */
    const orrery_input_v1_t* inputs;
    uint32_t input_count;  /* that of the function */
    uint32_t output_count;
    const char* params;    /* JSON object, valid for the schema, defaults filled in; the same pointer may come again */
    uint64_t params_bytes;
    uint64_t map_index;    /* 0 of 1 when the vertex is not a map */
    uint64_t map_count;
    uint8_t task[16];      /* its id */
} orrery_call_v1_t;

#if defined(__GNUC__)
#define ORRERY_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define ORRERY_PLUGIN_EXPORT
#endif

/* The one exported symbol; the same pointer each time. NULL: the library cannot describe itself and said why on stderr. */
ORRERY_PLUGIN_EXPORT const orrery_plugin_v1_t* orrery_plugin_v1(void);
typedef const orrery_plugin_v1_t* (*orrery_plugin_entry_v1_t)(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
