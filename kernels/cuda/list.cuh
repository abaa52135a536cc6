// Lists in host memory, without C++'s runtime library: a program that links the kernels needs no
// libstdc++, and running out of memory is a status.
#ifndef ZKML_LIST_CUH
#define ZKML_LIST_CUH

#include "platform.cuh"
#include <cstdlib>
#include <type_traits>

// A list of plain values. What does not fit in memory is dropped, which `check` reports.
template <typename T> class List {
    static_assert(std::is_trivially_copyable<T>::value, "entries are moved as bytes");

  public:
    List() = default;
    explicit List(size_t capacity) { grow(capacity); }
    List(const List &) = delete;
    List &operator=(const List &) = delete;
    ~List() { std::free(start_); }

    void push(const T &value)
    {
        if (size_ == capacity_)
            grow(capacity_ == 0 ? 16 : 2 * capacity_);
        if (size_ < capacity_)
            start_[size_++] = value;
    }

    T &operator[](size_t at) { return start_[at]; }
    const T *data() const { return start_; }
    size_t size() const { return size_; }

    // cudaErrorMemoryAllocation, if that ever happened.
    int check() const { return short_ ? status::failed("malloc", 2) : 0; }

  private:
    void grow(size_t capacity)
    {
        if (capacity == 0 || short_)
            return;
        void *moved = capacity > SIZE_MAX / sizeof(T) ? nullptr : std::realloc(start_, capacity * sizeof(T));
        if (moved == nullptr) {
            short_ = true;
            return;
        }
        start_ = static_cast<T *>(moved);
        capacity_ = capacity;
    }

    T *start_ = nullptr;
    size_t size_ = 0, capacity_ = 0;
    bool short_ = false;
};

#endif
