// Field elements from what columns are made of: small integers, one product each, and codes of entries
// of a table, a sum of one entry for each list of codes.
#include "field.cuh"

namespace {

__global__ void from_integers(const int32_t *values, uint64_t count, Fr *out)
{
    const uint64_t i = thread_number();
    if (i < count)
        Fr::small(values[i]).store(out + i);
}

__global__ void from_codes(const int32_t *const *codes, uint64_t lists, uint64_t count, const Fr *table, Fr *out)
{
    const uint64_t i = thread_number();
    if (i >= count)
        return;
    Fr sum = Fr::zero();
    for (uint64_t list = 0; list < lists; ++list)
        sum = sum + Fr::load(table + codes[list][i]);
    sum.store(out + i);
}

} // namespace

extern "C" int zkml_expand_small(zkml_stream stream, const int32_t *values, size_t count, zkml_fr *out)
{
    if (count == 0)
        return 0;
    return queue::launch("from_integers", from_integers, queue::blocks(count), BLOCK, 0, stream, values,
                         uint64_t(count), device(out));
}

extern "C" size_t zkml_expand_dictionary_workspace(size_t lists)
{
    Workspace workspace;
    workspace.take<const int32_t *>(lists);
    return workspace.used();
}

extern "C" int zkml_expand_dictionary(zkml_stream stream, size_t lists, const int32_t *const *codes, size_t count,
                                 const zkml_fr *table, zkml_fr *out, void *memory, size_t bytes)
{
    if (count == 0)
        return 0;
    Workspace workspace(memory, bytes);
    int copied = 0;
    const auto *code_list = workspace.copy(copied, stream, codes, lists);
    ZKML_TRY(copied);
    return queue::launch("from_codes", from_codes, queue::blocks(count), BLOCK, 0, stream, code_list,
                         uint64_t(lists), uint64_t(count), device(table), device(out));
}
