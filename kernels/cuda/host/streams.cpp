// Streams and events of the emulated device.
//
// A stream that is late keeps its work until somebody waits for it, and does no more then than was waited for:
// whoever uses what another stream writes, or what the device still reads, without waiting finds old values.
#include "../platform.cuh"
#include <atomic>
#include <deque>
#include <mutex>

namespace emulator {
namespace {

struct Stream {
    std::deque<Work> waiting;
    uint64_t queued = 0, done = 0;
    // The first one, which every later wait gives.
    int failure = 0;
};

// A place in a stream's work; of no stream, it has happened.
struct Event {
    Stream *stream = nullptr;
    uint64_t place = 0;
};

std::atomic<bool> late{false};

// One for all: work may wait for another stream, and runs that stream's work then.
std::recursive_mutex &mutex()
{
    static std::recursive_mutex instance;
    return instance;
}

using Lock = std::lock_guard<std::recursive_mutex>;

int run(const Event &event)
{
    if (event.stream == nullptr)
        return 0;
    Stream &stream = *event.stream;
    while (stream.done < event.place) {
        const Work work = std::move(stream.waiting.front());
        stream.waiting.pop_front();
        ++stream.done;
        const int status = work();
        if (stream.failure == 0)
            stream.failure = status;
    }
    return stream.failure;
}

Event end_of(zkml_stream handle)
{
    auto *stream = static_cast<Stream *>(handle);
    return stream == nullptr ? Event{} : Event{stream, stream->queued};
}

} // namespace

int queue(zkml_stream handle, Work work)
{
    if (handle == nullptr)
        return work();
    const Lock lock(mutex());
    auto *stream = static_cast<Stream *>(handle);
    stream->waiting.push_back(std::move(work));
    ++stream->queued;
    return 0;
}

} // namespace emulator

using emulator::Event;
using emulator::Lock;

extern "C" void zkml_host_set_late(int late)
{
    emulator::late = late != 0;
}

extern "C" int zkml_device_stream_create(zkml_stream *out)
{
    *out = emulator::late ? new emulator::Stream : nullptr;
    return 0;
}

extern "C" int zkml_device_stream_synchronize(zkml_stream stream)
{
    const Lock lock(emulator::mutex());
    return emulator::run(emulator::end_of(stream));
}

extern "C" int zkml_device_stream_destroy(zkml_stream stream)
{
    const int status = zkml_device_stream_synchronize(stream);
    delete static_cast<emulator::Stream *>(stream);
    return status;
}

extern "C" int zkml_device_stream_wait(zkml_stream stream, zkml_event event)
{
    const Lock lock(emulator::mutex());
    const Event place = *static_cast<Event *>(event);
    return emulator::queue(stream, [=] { return emulator::run(place); });
}

extern "C" int zkml_device_event_create(zkml_event *out)
{
    *out = new Event;
    return 0;
}

extern "C" int zkml_device_event_destroy(zkml_event event)
{
    delete static_cast<Event *>(event);
    return 0;
}

extern "C" int zkml_device_event_record(zkml_event event, zkml_stream stream)
{
    const Lock lock(emulator::mutex());
    *static_cast<Event *>(event) = emulator::end_of(stream);
    return 0;
}

extern "C" int zkml_device_event_synchronize(zkml_event event)
{
    const Lock lock(emulator::mutex());
    return emulator::run(*static_cast<Event *>(event));
}
