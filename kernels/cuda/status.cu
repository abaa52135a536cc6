// What the interface says about itself and about failures.
#include "platform.cuh"

namespace {
thread_local const char *failed_call = "";
}

int status::failed(const char *call, int status)
{
    failed_call = call;
    return status;
}

extern "C" const char *zkml_failed_call(void)
{
    return failed_call;
}

extern "C" const char *zkml_status_text(int status)
{
#if defined(ZKML_HOST)
    return emulator::status_text(status);
#else
    return cudaGetErrorString(static_cast<cudaError_t>(status));
#endif
}
