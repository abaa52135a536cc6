/* The C interface of the CUDA kernels: what a host language calls.
 *
 * One function an operation. All memory is the caller's: vectors, results and workspaces are device
 * memory that the caller allocated, and for each operation that needs a workspace there is a function
 * that says how many bytes. Arguments documented as "host" are read before the function returns and
 * may be freed then; everything else is a device pointer and must live until the stream has passed
 * the operation. Work is queued on `stream` and nothing waits for it.
 *
 * Layouts are those of halo2curves: a field element is four 64-bit words, least first, in Montgomery
 * form (R = 2^256), canonical (below the modulus); an affine point is x then y, and (0, 0) is the
 * identity. Device addresses are multiples of 16 (an allocation is one of 256, an element has 32 bytes).
 * Workspaces are multiples of 256.
 *
 * Every function that returns `int` returns 0 (cudaSuccess) or a cudaError_t; zkml_failed_call()
 * then names the call that failed. Lengths, counts and pointers are trusted: the caller checks them.
 */
#ifndef ZKML_CUDA_H
#define ZKML_CUDA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An element of the scalar field, in Montgomery form. */
typedef struct zkml_fr {
    uint64_t words[4];
} zkml_fr;

/* An element of the base field, in Montgomery form. */
typedef struct zkml_fq {
    uint64_t words[4];
} zkml_fq;

/* A point of G1; (0, 0) is the identity. */
typedef struct zkml_affine {
    zkml_fq x, y;
} zkml_affine;

/* A point (x / zz, y / zzz) with zz^3 = zzz^2; zz = 0 is the identity. The same point has
 * the homogeneous coordinates (x zzz, y zz, zz zzz). */
typedef struct zkml_xyzz {
    zkml_fq x, y, zz, zzz;
} zkml_xyzz;

/* A cudaStream_t. */
typedef void *zkml_stream;

/* ---- status ---- */

/* The name of the call that failed last on this thread, as `ntt_pass` or `cudaMemcpyAsync`; the empty
 * string if none did. Never null, never freed. */
const char *zkml_failed_call(void);

/* What a status means, in words of the CUDA runtime. Never null, never freed. */
const char *zkml_status_text(int status);

/* 0 if the thread's current device can run the kernels; cudaErrorNoKernelImageForDevice if they were compiled for
 * others, and what the driver says where it is too old for them. */
int zkml_kernels_load(void);

/* ---- small integers ---- */

/* out_i = values_i as field elements. `values` is device memory. */
int zkml_expand_small(zkml_stream stream, const int32_t *values, size_t count, zkml_fr *out);

/* out_i = sum_j table_(codes_j,i). Host: `codes`, device pointers to `count` codes each; every code is
 * at least zero and within the table, which is device memory. */
size_t zkml_expand_dictionary_workspace(size_t lists);
int zkml_expand_dictionary(zkml_stream stream, size_t lists, const int32_t *const *codes, size_t count,
                      const zkml_fr *table, zkml_fr *out, void *workspace, size_t workspace_bytes);

/* ---- transforms ---- */

/* Largest log2 of a transform's size. */
#define ZKML_NTT_MAX_LOG 28u

/* Elements of the table of a size, which serves transforms of that size in both directions. */
size_t zkml_ntt_table_elements(uint32_t log_size);

/* Fills a table. Host: `root` generates the domain of 2^log_size elements, `root_inverse` is its
 * inverse, `size_inverse` the inverse of 2^log_size. */
int zkml_ntt_table(zkml_stream stream, uint32_t log_size, const zkml_fr *root, const zkml_fr *root_inverse,
                   const zkml_fr *size_inverse, zkml_fr *table);

/* Coefficients to values. */
#define ZKML_NTT_FORWARD 0u
/* Values to coefficients. */
#define ZKML_NTT_INVERSE 1u

/* Bytes of workspace for `batch` transforms in one call. */
size_t zkml_ntt_workspace(uint32_t log_size, size_t batch);

/* Transforms `batch` vectors of 2^log_size elements, natural order on both sides. Host: `sources` and
 * `targets`, arrays of device pointers; a target is its source or overlaps no source and no target.
 * Host: `shift`, null for none. Forward, coefficient i is multiplied by shift^i first: values on the
 * coset shift H. Inverse, coefficient i of the result is multiplied by shift^i: give the inverse of
 * the coset's shift. */
int zkml_ntt(zkml_stream stream, uint32_t direction, uint32_t log_size, size_t batch,
             const zkml_fr *const *sources, zkml_fr *const *targets, const zkml_fr *table,
             const zkml_fr *shift, void *workspace, size_t workspace_bytes);

/* ---- multi-scalar multiplication ---- */

/* Scalars are zkml_fr. */
#define ZKML_SCALARS_FULL 0u
/* Scalars are int32_t. */
#define ZKML_SCALARS_SMALL 1u

/* sum_i scalars_i bases_(first_base + i), i < count: a column, or a part of one. */
typedef struct zkml_msm_part {
    /* Device memory, of the type that `kind` says. */
    const void *scalars;
    /* Number of scalars, below 2^31; zero is allowed. */
    uint64_t count;
    /* The base of the first scalar; first_base + count is below 2^31. */
    uint64_t first_base;
    /* ZKML_SCALARS_FULL or ZKML_SCALARS_SMALL. */
    uint32_t kind;
    /* Bits of a window's digit: set by zkml_msm_plan. */
    uint32_t bits;
    /* Number of windows; zero where there is nothing to add: set by zkml_msm_plan. */
    uint32_t windows;
    /* Largest bucket of a window: set by zkml_msm_plan. */
    uint32_t buckets;
    /* About how many field products it takes: set by zkml_msm_plan. */
    uint64_t cost;
} zkml_msm_part;

/* Host: chooses the windows of a part from its kind and count, and for small scalars from their
 * largest absolute value (ignored for full ones). */
void zkml_msm_plan(zkml_msm_part *part, uint32_t largest);

/* Host: the least workspace that serves these parts, one window at a time, and the one with which all
 * windows of all parts are computed together. Anything between is used as far as it reaches. */
size_t zkml_msm_workspace_least(const zkml_msm_part *parts, size_t count);
size_t zkml_msm_workspace_most(const zkml_msm_part *parts, size_t count);

/* The sums of all windows of all parts (host: `parts`, planned), part after part, least window first.
 * A part's value is sum_w 2^(bits w) sums_w. `sums` is device memory: as many points as the parts
 * have windows together. */
int zkml_msm(zkml_stream stream, const zkml_affine *bases, const zkml_msm_part *parts, size_t count,
             zkml_xyzz *sums, void *workspace, size_t workspace_bytes);

/* A column of which row i is sum_j t_(codes_j,i): `lists` lists (host array of device pointers) of `rows` codes each,
 * at least zero and below `entries`, the length of the table t. Rows and entries are below 2^31 - 1. */
typedef struct zkml_dictionary_column {
    const int32_t *const *codes;
    uint64_t lists, rows, entries;
} zkml_dictionary_column;

/* For each column (host: `columns`), and each entry of its table in order, the sum of bases_i over all rows i and lists in
 * which the entry's code stands. `sums` is device memory: as many points as the columns have entries. All columns
 * together have at least one code, at most 2^32 - 2^16, at most 65535 lists, and fewer than 2^31 entries: the workspace
 * for more is SIZE_MAX. */
size_t zkml_code_sums_workspace(const zkml_dictionary_column *columns, size_t count);
int zkml_code_sums(zkml_stream stream, const zkml_affine *bases, const zkml_dictionary_column *columns, size_t count,
                   zkml_affine *sums, void *workspace, size_t workspace_bytes);

/* ---- vectors ---- */

/* Replaces each element by its inverse, zero by zero. */
size_t zkml_batch_invert_workspace(size_t count);
int zkml_batch_invert(zkml_stream stream, zkml_fr *values, size_t count, void *workspace,
                      size_t workspace_bytes);

/* out_0 = start, out_(i+1) = out_i values_i, `count` elements. Host: `start`. `out` may be `values`. */
size_t zkml_running_product_workspace(size_t count);
int zkml_running_product(zkml_stream stream, const zkml_fr *values, size_t count, const zkml_fr *start,
                         zkml_fr *out, void *workspace, size_t workspace_bytes);

/* The quotient by X - root, in place; the highest coefficient becomes zero. Host: `root`. */
size_t zkml_divide_by_linear_workspace(size_t count);
int zkml_divide_by_linear(zkml_stream stream, zkml_fr *coefficients, size_t count, const zkml_fr *root,
                          void *workspace, size_t workspace_bytes);

/* out_i = sum_j factors_j vectors_j,i for i < length; a vector counts as followed by zeros. Host:
 * `factors`, `vectors` (device pointers), `lengths` (each at most `length`). `out` may be one of the
 * vectors. At least one term. */
size_t zkml_linear_combination_workspace(size_t terms);
int zkml_linear_combination(zkml_stream stream, size_t terms, const zkml_fr *factors,
                            const zkml_fr *const *vectors, const size_t *lengths, size_t length, zkml_fr *out,
                            void *workspace, size_t workspace_bytes);

/* results_q = the polynomial vectors_q at points_q. Host: `vectors` (device pointers), `lengths`,
 * `points`. `results` is device memory. */
size_t zkml_evaluate_workspace(size_t queries, const size_t *lengths);
int zkml_evaluate(zkml_stream stream, size_t queries, const zkml_fr *const *vectors, const size_t *lengths,
                  const zkml_fr *points, zkml_fr *results, void *workspace, size_t workspace_bytes);

/* targets_v,i = sum_k factor^k sources_v,(i + k size): the remainders modulo X^size - factor. Host:
 * `sources` and `targets` (device pointers; no target overlaps a source), `lengths` (multiples of
 * `size`, at least `size`), `factor`. */
size_t zkml_fold_workspace(size_t batch);
int zkml_fold(zkml_stream stream, size_t batch, const zkml_fr *const *sources, const size_t *lengths,
              size_t size, const zkml_fr *factor, zkml_fr *const *targets, void *workspace,
              size_t workspace_bytes);

/* ---- programs ---- */

/* What an instruction computes. */
#define ZKML_OP_ADD 0u     /* a + b */
#define ZKML_OP_SUB 1u     /* a - b */
#define ZKML_OP_MUL 2u     /* a b */
#define ZKML_OP_MUL_ADD 3u /* a b + c */

/* Where an operand comes from. */
#define ZKML_FROM_SLOT 0u     /* slot `index`, written by an earlier instruction */
#define ZKML_FROM_COLUMN 1u   /* row + rotation of column `index`, rows wrap around */
#define ZKML_FROM_CONSTANT 2u /* constant `index` */
#define ZKML_FROM_LAST 3u     /* the result of the instruction before, still in registers */
#define ZKML_FROM_ZERO 4u     /* zero: the result of the empty program */

typedef struct zkml_operand {
    /* ZKML_FROM_... */
    uint32_t from;
    uint32_t index;
    /* Rows forward, reduced to below the number of rows; zero for what is no column. */
    uint32_t rotation;
} zkml_operand;

/* No slot: the result is read by the next instruction only, as ZKML_FROM_LAST. */
#define ZKML_NO_SLOT 0xFFFFFFFFu

/* 44 bytes, eleven 32-bit words without padding. */
typedef struct zkml_instruction {
    /* ZKML_OP_... */
    uint32_t operation;
    /* Slot written, or ZKML_NO_SLOT. An operand is read before it is written. */
    uint32_t target;
    /* Operands; `c` counts for ZKML_OP_MUL_ADD only and is ZKML_FROM_ZERO otherwise. */
    zkml_operand a, b, c;
} zkml_instruction;

/* Bytes of workspace of a run. */
size_t zkml_program_workspace(size_t instructions, uint32_t slots, size_t columns, size_t constants,
                              size_t rows);

/* Runs a program on every row: out_row = result. Host: `code`, `columns` (device pointers, `rows` elements
 * each), `constants`, `result`. `slots` is one more than the largest slot (zero for none). `out`
 * overlaps no column. At least one row. */
int zkml_program_run(zkml_stream stream, const zkml_instruction *code, size_t instructions, uint32_t slots,
                     const zkml_operand *result, const zkml_fr *const *columns, size_t column_count,
                     const zkml_fr *constants, size_t constant_count, size_t rows, zkml_fr *out,
                     void *workspace, size_t workspace_bytes);

/* ---- measuring ---- */

/* Squares each value `rounds` times in a row: the device's rate of field products, against which the
 * counted products of an operation can be held. */
int zkml_probe_multiply(zkml_stream stream, zkml_fr *values, size_t count, uint32_t rounds);

/* ---- the emulated device ----
 *
 * Only in the library that the host compiler makes of the same sources (host/): device memory is host
 * memory. A stream runs each call at once unless it is late. With a real device these calls are the CUDA runtime's
 * own: cudaMalloc and so on. Status numbers are CUDA's: 2 is cudaErrorMemoryAllocation, 1
 * cudaErrorInvalidValue. */

int zkml_device_alloc(size_t bytes, void **out);
int zkml_device_free(void *memory);
/* Behind the stream's work. */
int zkml_device_free_async(void *memory, zkml_stream stream);
/* Reads the source when the stream gets there, as from page-locked memory. */
int zkml_device_upload(void *device, const void *host, size_t bytes, zkml_stream stream);
/* Waits for the stream. */
int zkml_device_download(void *host, const void *device, size_t bytes, zkml_stream stream);
int zkml_device_copy(void *to, const void *from, size_t bytes, zkml_stream stream);
int zkml_device_set(void *device, int byte, size_t bytes, zkml_stream stream);
int zkml_device_memory(size_t *free_bytes, size_t *total_bytes);
int zkml_device_stream_create(zkml_stream *out);
int zkml_device_stream_destroy(zkml_stream stream);
int zkml_device_stream_synchronize(zkml_stream stream);

/* A cudaEvent_t. A new one has happened. */
typedef void *zkml_event;
int zkml_device_event_create(zkml_event *out);
int zkml_device_event_destroy(zkml_event event);
int zkml_device_event_record(zkml_event event, zkml_stream stream);
int zkml_device_event_synchronize(zkml_event event);
int zkml_device_stream_wait(zkml_stream stream, zkml_event event);

/* Whether streams that any thread makes from now on are late: they run nothing until somebody waits for them, and
 * no more than what is waited for. Starts at 0. */
void zkml_host_set_late(int late);

/* Bytes of the emulated device, of the whole process; allocations beyond them fail with
 * cudaErrorMemoryAllocation. Starts at 2^40. */
void zkml_host_set_memory(size_t bytes);
/* Bytes allocated now, of the whole process. */
size_t zkml_host_allocated(void);
/* The order in which this thread's launches run blocks, and the threads of a block between barriers:
 * 0 for ascending, any other number seeds arbitrary orders. Starts at 0. */
void zkml_host_set_order(uint64_t seed);
/* The launch of this thread after `launches` more ones fails with cudaErrorLaunchFailure (719), once. */
void zkml_host_fail_launch(uint64_t launches);
/* Launches of this thread so far. */
uint64_t zkml_host_launches(void);

#ifdef __cplusplus
}
#endif

#endif
