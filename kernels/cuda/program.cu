// Straight-line programs over rows: an interpreter, a thread a row.
//
// All threads run the same instruction, so that none diverges and an instruction is read once a
// warp. Slots lie in local memory, which the hardware interleaves by thread and caches; programs with
// many take them from the workspace, in the same order, and a bounded number of threads walks the rows.
// The last result stays in registers: a chain of instructions needs no slot.
//
// Products: one for each ZKML_OP_MUL and ZKML_OP_MUL_ADD and row. A cell read is 32 bytes, neighbouring
// threads reading neighbouring cells whatever the rotation.
#include "field.cuh"
#include "list.cuh"
#include <algorithm>

namespace {

// An instruction as two 16-byte words: operation and kinds, target, and each operand's index and rotation.
struct alignas(16) Code {
    uint32_t head, target;
    uint32_t operands[6];
};

constexpr uint32_t KIND_BITS = 4;

// An operand's kind, from the head.
ZKML_HD uint32_t kind(uint32_t head, uint32_t operand)
{
    return head >> (KIND_BITS * (operand + 1)) & ((1u << KIND_BITS) - 1);
}

struct Inputs {
    const Fr *const *columns;
    const Fr *constants;
    uint64_t rows;
};

// Slots in local memory.
template <uint32_t COUNT> struct LocalSlots {
    Fr values[COUNT];

    __device__ LocalSlots(Fr *, uint64_t) {}
    __device__ Fr get(uint32_t slot) const { return values[slot]; }
    __device__ void set(uint32_t slot, const Fr &value) { values[slot] = value; }
};

// Slots in the workspace: slot after slot, a thread beside its neighbours.
struct WorkspaceSlots {
    Fr *start;
    uint64_t threads;

    __device__ WorkspaceSlots(Fr *slots, uint64_t threads) : start(slots + thread_number()), threads(threads) {}
    __device__ Fr get(uint32_t slot) const { return Fr::load(start + slot * threads); }
    __device__ void set(uint32_t slot, const Fr &value) { value.store(start + slot * threads); }
};

template <typename Slots>
__device__ inline Fr read(const Inputs &in, const Slots &slots, const Fr &last, uint64_t row, uint32_t from,
                          uint32_t index, uint32_t rotation)
{
    switch (from) {
    case ZKML_FROM_SLOT:
        return slots.get(index);
    case ZKML_FROM_COLUMN: {
        const uint64_t at = row + rotation;
        return Fr::load(in.columns[index] + (at < in.rows ? at : at - in.rows));
    }
    case ZKML_FROM_CONSTANT:
        return Fr::load(in.constants + index);
    case ZKML_FROM_LAST:
        return last;
    default:
        return Fr::zero();
    }
}

// The code ends with `result`, whose first operand is the row's value.
template <typename Slots>
__global__ void run_program(const Code *code, uint64_t instructions, Inputs in, Fr *slot_memory, Fr *out)
{
    const uint64_t threads = static_cast<uint64_t>(gridDim.x) * BLOCK;
    Slots slots(slot_memory, threads);
    for (uint64_t row = thread_number(); row < in.rows; row += threads) {
        Fr last = Fr::zero();
        for (uint64_t at = 0; at < instructions; ++at) {
            const uint4 *words = reinterpret_cast<const uint4 *>(code + at);
            const uint4 first = words[0], second = words[1];
            const uint32_t operation = first.x & ((1u << KIND_BITS) - 1);
            const Fr a = read(in, slots, last, row, kind(first.x, 0), first.z, first.w);
            const Fr b = read(in, slots, last, row, kind(first.x, 1), second.x, second.y);
            if (operation == ZKML_OP_ADD) {
                last = a + b;
            } else if (operation == ZKML_OP_SUB) {
                last = a - b;
            } else if (operation == ZKML_OP_MUL) {
                last = a * b;
            } else {
                const Fr c = read(in, slots, last, row, kind(first.x, 2), second.z, second.w);
                last = a * b + c;
            }
            if (first.y != ZKML_NO_SLOT)
                slots.set(first.y, last);
        }
        const Code &result = code[instructions];
        read(in, slots, last, row, kind(result.head, 0), result.operands[0], result.operands[1]).store(out + row);
    }
}

Code encode(const zkml_instruction &step)
{
    const zkml_operand *operands[3] = {&step.a, &step.b, &step.c};
    Code code;
    code.head = step.operation;
    code.target = step.target;
    for (uint32_t i = 0; i < 3; ++i) {
        code.head |= operands[i]->from << (KIND_BITS * (i + 1));
        code.operands[2 * i] = operands[i]->index;
        code.operands[2 * i + 1] = operands[i]->rotation;
    }
    return code;
}

// Most slots in local memory, which the driver keeps for every thread that could run at a time: 200 MB on
// a large device.
constexpr uint32_t MOST_LOCAL = 24;
// Slots in the workspace together, unless a single block has more.
constexpr uint64_t MOST_SLOTS = uint64_t(1) << 23;

// Blocks that walk the rows.
uint32_t grid(uint32_t slots, size_t rows)
{
    const uint32_t all = queue::blocks(rows);
    if (slots <= MOST_LOCAL)
        return all;
    const uint64_t most = std::max<uint64_t>(1, MOST_SLOTS / (uint64_t(slots) * BLOCK));
    return static_cast<uint32_t>(std::min<uint64_t>(all, most));
}

Fr *take_slots(Workspace &workspace, uint32_t slots, size_t rows)
{
    return workspace.take<Fr>(slots <= MOST_LOCAL ? 0 : size_t(slots) * BLOCK * grid(slots, rows));
}

} // namespace

extern "C" size_t zkml_program_workspace(size_t instructions, uint32_t slots, size_t columns, size_t constants,
                                         size_t rows)
{
    Workspace workspace;
    workspace.take<Code>(instructions + 1);
    workspace.take<const Fr *>(columns);
    workspace.take<Fr>(constants);
    take_slots(workspace, slots, rows);
    return workspace.used();
}

extern "C" int zkml_program_run(zkml_stream stream, const zkml_instruction *code, size_t instructions,
                                uint32_t slots, const zkml_operand *result, const zkml_fr *const *columns,
                                size_t column_count, const zkml_fr *constants, size_t constant_count, size_t rows,
                                zkml_fr *out, void *memory, size_t bytes)
{
    List<Code> steps(instructions + 1);
    for (size_t at = 0; at < instructions; ++at)
        steps.push(encode(code[at]));
    const zkml_operand nothing{ZKML_FROM_ZERO, 0, 0};
    steps.push(encode(zkml_instruction{ZKML_OP_ADD, ZKML_NO_SLOT, *result, nothing, nothing}));
    ZKML_TRY(steps.check());

    Workspace workspace(memory, bytes);
    int copied = 0;
    const Code *code_list = workspace.copy(copied, stream, steps.data(), steps.size());
    Inputs in;
    in.columns = workspace.copy(copied, stream, reinterpret_cast<const Fr *const *>(columns), column_count);
    in.constants = device(workspace.copy(copied, stream, constants, constant_count));
    in.rows = rows;
    Fr *slot_memory = take_slots(workspace, slots, rows);
    ZKML_TRY(copied);
    ZKML_TRY(workspace.check());

    auto kernel = slots <= 8            ? run_program<LocalSlots<8>>
                  : slots <= MOST_LOCAL ? run_program<LocalSlots<MOST_LOCAL>>
                                        : run_program<WorkspaceSlots>;
    return queue::launch("run_program", kernel, grid(slots, rows), BLOCK, 0, stream, code_list,
                         uint64_t(instructions), in, slot_memory, device(out));
}
