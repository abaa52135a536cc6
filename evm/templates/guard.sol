            if gt(mload(0x40), <KEY_AT>) {
                // MemoryTaken()
                mstore(0x00, 0x<MEMORY_TAKEN>)
                revert(0x1c, 0x04)
            }
