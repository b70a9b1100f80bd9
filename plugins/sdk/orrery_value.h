/* SPDX-FileCopyrightText: Orrery contributors
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Values: the bytes that cross between remote functions, and nothing else does. C99; plugins, engine and window mirror it.
 *
 * A value is position independent: one block of bytes that holds offsets, never pointers. It can be copied, mapped, sent and
 * stored as it is. It begins at an address that is a multiple of 64 (ORRERY_ALIGN). All numbers are little-endian; every
 * offset counts from the first byte of the value's OWN header; every gap and reserved field is zero, so that equal values
 * have equal bytes. Once sealed a value never changes, and any thread may read it.
 *
 * Header, 64 bytes (struct orrery_value_t):
 *   byte  0  u32 magic        the four bytes 'O' 'V' 'A' 'L'
 *         4  u8  version      1
 *         5  u8  type         ORRERY_TYPE_*
 *         6  u8  dtype        ORRERY_DTYPE_* of a tensor or image, else 0
 *         7  u8  rank         dimensions of a tensor or image (0..8), else 0
 *         8  u64 size         bytes of the whole value, header included, no padding at its end
 *        16  u64 length       string, bytes, json: bytes - tensor, image: elements - list: items - table: rows - scalar: 1
 *        24  u64 data_offset  where the data begins; 0 for a scalar
 *        32  u64 data_bytes   how long it is; 0 for a scalar
 *        40  u64 scalar       bool: 0 or 1 - i64: two's complement - f64: IEEE bits - else 0
 *        48  u32 item_type    list: the type all items have, 0 when empty or mixed; else 0
 *        52  u32 columns      table: how many; else 0
 *        56  u64 reserved     0
 *
 * bool i64 f64         size is 64; the value is in `scalar`.
 * string bytes json    data_offset 64, data_bytes = length, size = 64 + length. string and json are UTF-8 without a NUL.
 * tensor               bytes 64..127 i64 shape[8], 128..191 i64 strides[8] (struct orrery_tensor_t), entries from `rank` on
 *                      are 0. Strides count ELEMENTS and are never negative. data_offset is at least 192 and a multiple of
 *                      64. Contiguous row-major is the rule; another order is legal. length = product of shape (1 at rank
 *                      0), length * element size <= data_bytes = size - data_offset. bool elements are a byte of 0 or 1.
 * image                a tensor of u8, rank 3, shape (height, width, 4), contiguous: RGBA, 8 bit, not premultiplied, sRGB,
 *                      rows from the top.
 * list                 at data_offset 64: u64 offset[length], then the items, each a complete value with its own header at a
 *                      multiple of 64, in order, never overlapping. data_bytes = size - 64. Lists nest up to 16 deep.
 * table                at data_offset 64: orrery_column_t column[columns] (64 bytes each), then the buffers they name, each at
 *                      a multiple of 64. data_bytes = size - 64. Buffers are laid out as in Arrow, so an ArrowArray can
 *                      point at them: numbers packed; bool one bit a row, lowest bit first; string as i64 offset[rows + 1]
 *                      and a buffer of UTF-8; validity one bit a row, 1 = there is a value.
 *
 * A reader never trusts these fields. orrery_value_check() below proves that everything lies inside the bytes given, but for
 * the entries of string offsets in tables (that would read the whole table each time): who reads row i checks
 * 0 <= offset[i] <= offset[i + 1] <= data_bytes itself. Text is not checked to be UTF-8 either. */

#include <stdint.h>
#include <string.h>

#define ORRERY_ALIGN 64u
#define ORRERY_VALUE_MAGIC 0x4C41564Fu /* 'O' 'V' 'A' 'L' in memory */
#define ORRERY_VALUE_VERSION 1u
#define ORRERY_RANK_MAX 8u
#define ORRERY_LIST_DEPTH_MAX 16u

enum {
    ORRERY_TYPE_BOOL = 1,
    ORRERY_TYPE_I64 = 2,
    ORRERY_TYPE_F64 = 3,
    ORRERY_TYPE_STRING = 4,
    ORRERY_TYPE_BYTES = 5,
    ORRERY_TYPE_JSON = 6,
    ORRERY_TYPE_TENSOR = 7,
    ORRERY_TYPE_TABLE = 8,
    ORRERY_TYPE_IMAGE = 9,
    ORRERY_TYPE_LIST = 10 /* port types only: `any` has no code, a value always has a type */
};

enum {
    ORRERY_DTYPE_NONE = 0,
    ORRERY_DTYPE_BOOL = 1,
    ORRERY_DTYPE_U8 = 2,
    ORRERY_DTYPE_I8 = 3,
    ORRERY_DTYPE_U16 = 4,
    ORRERY_DTYPE_I16 = 5,
    ORRERY_DTYPE_U32 = 6,
    ORRERY_DTYPE_I32 = 7,
    ORRERY_DTYPE_U64 = 8,
    ORRERY_DTYPE_I64 = 9,
    ORRERY_DTYPE_F16 = 10,
    ORRERY_DTYPE_F32 = 11,
    ORRERY_DTYPE_F64 = 12,
    ORRERY_DTYPE_STRING = 13 /* table columns only */
};

typedef struct orrery_value_t {
    uint32_t magic;
    uint8_t version;
    uint8_t type;
    uint8_t dtype;
    uint8_t rank;
    uint64_t size;
    uint64_t length;
    uint64_t data_offset;
    uint64_t data_bytes;
    uint64_t scalar;
    uint32_t item_type;
    uint32_t columns;
    uint64_t reserved;
} orrery_value_t; /* 64 bytes */

typedef struct orrery_tensor_t {
    orrery_value_t head;
    int64_t shape[ORRERY_RANK_MAX];
    int64_t strides[ORRERY_RANK_MAX]; /* in elements */
} orrery_tensor_t; /* 192 bytes */

typedef struct orrery_column_t {
    uint64_t name_offset;
    uint32_t name_bytes;      /* UTF-8, not empty, unique in the table */
    uint32_t dtype;           /* ORRERY_DTYPE_* */
    uint64_t validity_offset; /* 0: every row has a value */
    uint64_t offsets_offset;  /* string: i64 offset[rows + 1]; else 0 */
    uint64_t data_offset;
    uint64_t data_bytes;
    uint64_t null_count;
    uint64_t reserved;
} orrery_column_t; /* 64 bytes */

/* Bytes of an element; 0 for none, string and unknown codes. */
static inline uint64_t orrery_dtype_bytes(uint32_t dtype)
{
    static const uint8_t bytes[] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 0};
    return dtype < sizeof bytes ? bytes[dtype] : 0;
}

/* What orrery_value_check found; 0 is a sound value. */
enum {
    ORRERY_VALUE_SOUND = 0,
    ORRERY_VALUE_SHORT = 1,    /* fewer bytes than a header, or than `size` says */
    ORRERY_VALUE_FOREIGN = 2,  /* no magic */
    ORRERY_VALUE_NEWER = 3,    /* a version this reader does not know */
    ORRERY_VALUE_TYPE = 4,     /* unknown type, or a field is set that this type does not have */
    ORRERY_VALUE_BOUNDS = 5,   /* data_offset, data_bytes, length and size contradict each other */
    ORRERY_VALUE_SHAPE = 6,    /* rank, shape, strides or dtype of a tensor */
    ORRERY_VALUE_LIST = 7,     /* an item outside the list, out of order, of another type, or nested too deep */
    ORRERY_VALUE_TABLE = 8     /* a column outside the table, or with an unknown dtype */
};

static inline const char* orrery_value_problem(int32_t code)
{
    static const char* const text[] = {
        "sound", "cut short", "not a value (its first bytes are not OVAL)", "made by a newer version", "of an unknown type or with fields its type does not have",
        "damaged: its data lies outside of it", "damaged: its shape does not fit its data", "damaged: a list item lies outside of it, is of another type or nests too deep",
        "damaged: a column lies outside of it"};
    return code >= 0 && code < (int32_t)(sizeof text / sizeof text[0]) ? text[code] : "damaged";
}

static inline int orrery_inside_(uint64_t offset, uint64_t bytes, uint64_t size)
{
    return offset <= size && bytes <= size - offset;
}

static inline int32_t orrery_check_tensor_(const char* base, const orrery_value_t* v)
{
    orrery_tensor_t t;
    uint64_t item = orrery_dtype_bytes(v->dtype), count = 1, last = 0, limit;
    uint32_t d;
    if (v->rank > ORRERY_RANK_MAX || item == 0) return ORRERY_VALUE_SHAPE;
    if (v->data_offset < sizeof t || v->data_offset % ORRERY_ALIGN != 0) return ORRERY_VALUE_BOUNDS;
    if (v->data_offset > v->size || v->data_bytes != v->size - v->data_offset) return ORRERY_VALUE_BOUNDS;
    memcpy(&t, base, sizeof t);
    limit = v->data_bytes / item; /* elements that fit */
    for (d = 0; d < ORRERY_RANK_MAX; ++d) {
        if (d >= v->rank) {
            if (t.shape[d] != 0 || t.strides[d] != 0) return ORRERY_VALUE_SHAPE;
            continue;
        }
        if (t.shape[d] < 0 || t.strides[d] < 0) return ORRERY_VALUE_SHAPE;
        if (t.shape[d] == 0) { count = 0; continue; }
        if (count != 0) {
            if ((uint64_t)t.shape[d] > UINT64_MAX / count) return ORRERY_VALUE_SHAPE;
            count *= (uint64_t)t.shape[d];
        }
    }
    if (count != v->length) return ORRERY_VALUE_SHAPE;
    if (count == 0) return v->type == ORRERY_TYPE_IMAGE && (v->rank != 3 || v->dtype != ORRERY_DTYPE_U8 || t.shape[2] != 4) ? ORRERY_VALUE_SHAPE : ORRERY_VALUE_SOUND;
    if (count > limit) return ORRERY_VALUE_SHAPE;
    for (d = 0; d < v->rank; ++d) { /* the farthest element */
        uint64_t steps = (uint64_t)t.shape[d] - 1, stride = (uint64_t)t.strides[d];
        if (steps != 0 && stride > (limit - 1 - last) / steps) return ORRERY_VALUE_SHAPE;
        last += steps * stride;
    }
    if (v->type == ORRERY_TYPE_IMAGE
        && (v->rank != 3 || v->dtype != ORRERY_DTYPE_U8 || t.shape[2] != 4 || t.strides[2] != 1 || t.strides[1] != 4 || t.strides[0] != 4 * t.shape[1]))
        return ORRERY_VALUE_SHAPE;
    return ORRERY_VALUE_SOUND;
}

static inline int32_t orrery_check_table_(const char* base, const orrery_value_t* v)
{
    uint64_t rows = v->length;
    uint32_t i;
    if (v->data_offset != sizeof *v || v->data_bytes != v->size - sizeof *v) return ORRERY_VALUE_BOUNDS;
    if ((uint64_t)v->columns > v->data_bytes / sizeof(orrery_column_t)) return ORRERY_VALUE_TABLE;
    if (v->columns == 0 && rows != 0) return ORRERY_VALUE_TABLE;
    for (i = 0; i < v->columns; ++i) {
        orrery_column_t c;
        uint64_t item;
        memcpy(&c, base + sizeof *v + (uint64_t)i * sizeof c, sizeof c);
        if (c.reserved != 0 || c.name_bytes == 0 || c.null_count > rows) return ORRERY_VALUE_TABLE;
        if (!orrery_inside_(c.name_offset, c.name_bytes, v->size) || !orrery_inside_(c.data_offset, c.data_bytes, v->size)) return ORRERY_VALUE_TABLE;
        if (c.data_offset % ORRERY_ALIGN != 0 || c.offsets_offset % ORRERY_ALIGN != 0 || c.validity_offset % ORRERY_ALIGN != 0) return ORRERY_VALUE_TABLE;
        if (c.validity_offset != 0 && !orrery_inside_(c.validity_offset, rows / 8 + (rows % 8 != 0), v->size)) return ORRERY_VALUE_TABLE;
        if (c.validity_offset == 0 && c.null_count != 0) return ORRERY_VALUE_TABLE;
        if (c.dtype == ORRERY_DTYPE_STRING) {
            if (c.offsets_offset == 0 || rows >= UINT64_MAX / 8 || !orrery_inside_(c.offsets_offset, (rows + 1) * 8, v->size)) return ORRERY_VALUE_TABLE;
            continue;
        }
        item = orrery_dtype_bytes(c.dtype);
        if (item == 0 || c.offsets_offset != 0) return ORRERY_VALUE_TABLE;
        if (c.dtype == ORRERY_DTYPE_BOOL ? c.data_bytes < rows / 8 + (rows % 8 != 0) : c.data_bytes / item < rows) return ORRERY_VALUE_TABLE;
    }
    return ORRERY_VALUE_SOUND;
}

static inline int32_t orrery_check_list_head_(const orrery_value_t* v, uint32_t depth)
{
    if (depth >= ORRERY_LIST_DEPTH_MAX || v->item_type > ORRERY_TYPE_LIST) return ORRERY_VALUE_LIST;
    if (v->data_offset != sizeof *v || v->size < sizeof *v || v->data_bytes != v->size - sizeof *v) return ORRERY_VALUE_BOUNDS;
    return v->length > v->data_bytes / 8 ? ORRERY_VALUE_LIST : ORRERY_VALUE_SOUND;
}

static inline int32_t orrery_check_(const void* value, uint64_t bytes, uint32_t depth);

/* Item `index` of the list with the sound head *v: where it begins and ends, when it begins at `from` or behind it and is sound. */
static inline int32_t orrery_check_item_(const char* base, const orrery_value_t* v, uint64_t index, uint64_t from, uint32_t depth, uint64_t* at, uint64_t* end)
{
    orrery_value_t head;
    memcpy(at, base + sizeof *v + index * 8, 8);
    if (*at % ORRERY_ALIGN != 0 || *at < from || !orrery_inside_(*at, sizeof head, v->size)) return ORRERY_VALUE_LIST;
    memcpy(&head, base + *at, sizeof head);
    if (head.size > v->size - *at || (v->item_type != 0 && head.type != v->item_type)) return ORRERY_VALUE_LIST;
    if (orrery_check_(base + *at, head.size, depth + 1) != ORRERY_VALUE_SOUND) return ORRERY_VALUE_LIST;
    *end = *at + head.size;
    return ORRERY_VALUE_SOUND;
}

static inline int32_t orrery_check_(const void* value, uint64_t bytes, uint32_t depth)
{
    const char* base = (const char*)value;
    orrery_value_t v;
    if (value == NULL || bytes < sizeof v) return ORRERY_VALUE_SHORT;
    memcpy(&v, base, sizeof v); /* so that an unaligned copy can be checked too */
    if (v.magic != ORRERY_VALUE_MAGIC) return ORRERY_VALUE_FOREIGN;
    if (v.version != ORRERY_VALUE_VERSION) return ORRERY_VALUE_NEWER;
    if (v.size > bytes) return ORRERY_VALUE_SHORT;
    if (v.size < sizeof v) return ORRERY_VALUE_BOUNDS;
    if (v.reserved != 0) return ORRERY_VALUE_TYPE;
    if (v.type != ORRERY_TYPE_TENSOR && v.type != ORRERY_TYPE_IMAGE && (v.dtype != 0 || v.rank != 0)) return ORRERY_VALUE_TYPE;
    if (v.type != ORRERY_TYPE_LIST && v.item_type != 0) return ORRERY_VALUE_TYPE;
    if (v.type != ORRERY_TYPE_TABLE && v.columns != 0) return ORRERY_VALUE_TYPE;
    if (v.type > ORRERY_TYPE_F64 && v.scalar != 0) return ORRERY_VALUE_TYPE;
    switch (v.type) {
    case ORRERY_TYPE_BOOL:
    case ORRERY_TYPE_I64:
    case ORRERY_TYPE_F64:
        if (v.type == ORRERY_TYPE_BOOL && v.scalar > 1) return ORRERY_VALUE_TYPE;
        return v.size == sizeof v && v.length == 1 && v.data_offset == 0 && v.data_bytes == 0 ? ORRERY_VALUE_SOUND : ORRERY_VALUE_BOUNDS;
    case ORRERY_TYPE_STRING:
    case ORRERY_TYPE_BYTES:
    case ORRERY_TYPE_JSON:
        return v.data_offset == sizeof v && v.data_bytes == v.length && v.length == v.size - sizeof v ? ORRERY_VALUE_SOUND : ORRERY_VALUE_BOUNDS;
    case ORRERY_TYPE_TENSOR:
    case ORRERY_TYPE_IMAGE:
        return orrery_check_tensor_(base, &v);
    case ORRERY_TYPE_TABLE:
        return orrery_check_table_(base, &v);
    case ORRERY_TYPE_LIST: {
        uint64_t i, end, at;
        int32_t code = orrery_check_list_head_(&v, depth);
        if (code != ORRERY_VALUE_SOUND) return code;
        end = sizeof v + v.length * 8;
        for (i = 0; i < v.length && code == ORRERY_VALUE_SOUND; ++i) code = orrery_check_item_(base, &v, i, end, depth, &at, &end);
        return code;
    }
    default:
        return ORRERY_VALUE_TYPE;
    }
}

/* Proves that a value and all that is nested in it lies within `bytes` bytes (string offsets of tables excepted, see above).
 * `bytes` may be more than the value's own size, never less. Any address, any thread; reads nothing outside `bytes`.
 * Time: constant for scalars, texts and tensors, linear in list items and table columns. */
static inline int32_t orrery_value_check(const void* value, uint64_t bytes)
{
    return orrery_check_(value, bytes, 0);
}

/* One item of a list, with the proof for that item alone: how long a list is costs nothing to who wants a single item of it.
 * Sets *item and *item_bytes when the answer is ORRERY_VALUE_SOUND. ORRERY_VALUE_LIST also says: no list, or `index` is past its end.
 * Whether the OTHER items are sound, in order and apart from each other is not looked at. Threads and bounds as above. */
static inline int32_t orrery_value_item(const void* list, uint64_t bytes, uint64_t index, const orrery_value_t** item, uint64_t* item_bytes)
{
    const char* base = (const char*)list;
    orrery_value_t v;
    uint64_t at, end;
    int32_t code;
    if (list == NULL || bytes < sizeof v) return ORRERY_VALUE_SHORT;
    memcpy(&v, base, sizeof v);
    if (v.magic != ORRERY_VALUE_MAGIC) return ORRERY_VALUE_FOREIGN;
    if (v.version != ORRERY_VALUE_VERSION) return ORRERY_VALUE_NEWER;
    if (v.size > bytes) return ORRERY_VALUE_SHORT;
    if (v.type != ORRERY_TYPE_LIST) return ORRERY_VALUE_LIST;
    code = orrery_check_list_head_(&v, 0);
    if (code != ORRERY_VALUE_SOUND) return code;
    if (index >= v.length) return ORRERY_VALUE_LIST;
    code = orrery_check_item_(base, &v, index, sizeof v + v.length * 8, 0, &at, &end);
    if (code != ORRERY_VALUE_SOUND) return code;
    *item = (const orrery_value_t*)(base + at);
    *item_bytes = end - at;
    return ORRERY_VALUE_SOUND;
}
