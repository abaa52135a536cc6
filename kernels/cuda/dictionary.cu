// Columns of codes: for each entry of a column's table, the sum of the bases in whose rows its code stands.
//
//   sum_i (sum_j t_(c_j(i))) B_i = sum_e t_e S_e      S_e = sum_(i, j with c_j(i) = e) B_i
//
// so that a column of n rows costs an addition for each code, and a multiplication of as many points as the table
// has entries. A list of codes is a unit whose buckets are the entries (buckets.cu); the lists of a
// column share them. Sums become affine, as bases of that multiplication, with one inversion for each POINTS
// of them (Montgomery's trick).
//
// Products for a column of l lists of n codes and e entries: 10 l n, and 7 e + 381 e / POINTS. Bytes: 64 l n of bases,
// and about 40 l n for sorting; 320 e.
#include "msm/buckets.cuh"

namespace {

// Points that share an inversion.
constexpr uint32_t POINTS = 32;

// out_i = points_i. Thread t of `threads` has the points t, t + threads, ...: neighbours read neighbours.
__global__ void __launch_bounds__(128, 4)
    make_affine(const Point *points, uint64_t count, uint64_t threads, Affine *out)
{
    const uint64_t first = thread_number();
    if (first >= threads)
        return;
    // The product of the denominators before each point waits where its x will be.
    Fq product = Fq::one();
    uint64_t end = first;
    for (; end < count; end += threads) {
        const Fq zzz = Fq::load(&points[end].zzz);
        product.store(&out[end].x);
        if (!zzz.is_zero())
            product = product * zzz;
    }
    Fq inverse = product.inverse();
    for (uint64_t at = end; at > first;) {
        at -= threads;
        const Point point = Point::load(points + at);
        Fq x = Fq::zero(), y = x;
        if (!point.is_identity()) {
            const Fq by_zzz = inverse * Fq::load(&out[at].x);
            inverse = inverse * point.zzz;
            // 1 / ZZ = ZZ^2 / ZZZ^2
            x = point.x * (point.zz * by_zzz).squared();
            y = point.y * by_zzz;
        }
        x.store(&out[at].x);
        y.store(&out[at].y);
    }
}

Load load_of(const zkml_dictionary_column *columns, size_t count)
{
    Load load;
    for (size_t i = 0; i < count; ++i) {
        load.units += columns[i].lists;
        load.terms += columns[i].lists * columns[i].rows;
        load.buckets += columns[i].entries;
    }
    return load;
}

// The sums become bases, which are numbered in 31 bits.
bool fits(const Load &load)
{
    return load.fits() && load.buckets < uint64_t(1) << 31;
}

} // namespace

extern "C" size_t zkml_code_sums_workspace(const zkml_dictionary_column *columns, size_t count)
{
    const Load load = load_of(columns, count);
    if (!fits(load))
        return SIZE_MAX;
    Workspace workspace;
    Buckets(workspace, load);
    return workspace.used();
}

extern "C" int zkml_code_sums(zkml_stream stream, const zkml_affine *bases, const zkml_dictionary_column *columns,
                              size_t count, zkml_affine *sums, void *workspace_start, size_t workspace_bytes)
{
    const Load load = load_of(columns, count);
    if (load.buckets == 0)
        return 0;
    if (!fits(load))
        return status::failed("zkml_code_sums", 1);
    Terms terms(load.units);
    Load before;
    for (size_t i = 0; i < count; ++i) {
        const zkml_dictionary_column &column = columns[i];
        const uint32_t rows = uint32_t(column.rows), entries = uint32_t(column.entries);
        for (size_t list = 0; list < column.lists; ++list) {
            terms.spans.push(Span{column.codes[list], rows, CODES, 31, entries, 0, 1, uint32_t(before.units)});
            terms.add(Unit{before.terms, rows, 0, uint32_t(before.buckets), entries, 0, 0});
            before.terms += rows;
            ++before.units;
        }
        before.buckets += entries;
    }
    Workspace workspace(workspace_start, workspace_bytes);
    const Buckets buckets(workspace, load);
    ZKML_TRY(workspace.check());
    ZKML_TRY(buckets.sum(stream, reinterpret_cast<const Affine *>(bases), terms, load));
    const uint64_t threads = divided(load.buckets, POINTS);
    return queue::launch("make_affine", make_affine, queue::blocks(threads, 128), 128, 0, stream,
                         static_cast<const Point *>(buckets.sums), load.buckets, threads,
                         reinterpret_cast<Affine *>(sums));
}
