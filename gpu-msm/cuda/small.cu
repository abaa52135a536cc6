// Small integers to field elements: one product each.
#include "field.cuh"

namespace {

__global__ void from_integers(const int32_t *values, uint64_t count, Fr *out)
{
    const uint64_t i = thread_number();
    if (i < count)
        Fr::small(values[i]).store(out + i);
}

} // namespace

extern "C" int zkml_upload_small(zkml_stream stream, const int32_t *values, size_t count, zkml_fr *out)
{
    if (count == 0)
        return 0;
    return queue::launch("from_integers", from_integers, queue::blocks(count), BLOCK, 0, stream, values,
                         uint64_t(count), device(out));
}
