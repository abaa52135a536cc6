// What a device can do: whether it runs the kernels, and its rate of field products.
#include "field.cuh"

namespace {

__global__ void square_repeatedly(Fr *values, uint64_t count, uint32_t rounds)
{
    const uint64_t i = thread_number();
    if (i >= count)
        return;
    Fr value = Fr::load(values + i);
    for (uint32_t round = 0; round < rounds; ++round)
        value = value.squared();
    value.store(values + i);
}

} // namespace

extern "C" int zkml_kernels_load(void)
{
    return queue::loads(square_repeatedly);
}

extern "C" int zkml_probe_multiply(zkml_stream stream, zkml_fr *values, size_t count, uint32_t rounds)
{
    if (count == 0)
        return 0;
    return queue::launch("square_repeatedly", square_repeatedly, queue::blocks(count), BLOCK, 0, stream,
                         device(values), uint64_t(count), rounds);
}
