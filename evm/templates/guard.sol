            if gt(mload(0x40), {{ crate::source::hex(crate::key::KEY) }}) {
                // MemoryTaken()
                mstore(0x00, 0x{{ crate::source::selector("MemoryTaken()") }})
                revert(0x1c, 0x04)
            }
