
            // Runs arithmetic. An instruction is four addresses of two bytes, to, a, b and c: the word at `to`
            // becomes a b + c. Four instructions are in a word.
            function run(at, end) {
                let modulus := R
                for {} lt(at, end) { at := add(at, 0x20) } {
                    let code := mload(at)
                    mstore(
                        shr(240, code),
                        addmod(
                            mulmod(
                                mload(and(shr(224, code), 0xffff)),
                                mload(and(shr(208, code), 0xffff)),
                                modulus
                            ),
                            mload(and(shr(192, code), 0xffff)),
                            modulus
                        )
                    )
                    mstore(
                        and(shr(176, code), 0xffff),
                        addmod(
                            mulmod(
                                mload(and(shr(160, code), 0xffff)),
                                mload(and(shr(144, code), 0xffff)),
                                modulus
                            ),
                            mload(and(shr(128, code), 0xffff)),
                            modulus
                        )
                    )
                    mstore(
                        and(shr(112, code), 0xffff),
                        addmod(
                            mulmod(
                                mload(and(shr(96, code), 0xffff)),
                                mload(and(shr(80, code), 0xffff)),
                                modulus
                            ),
                            mload(and(shr(64, code), 0xffff)),
                            modulus
                        )
                    )
                    mstore(
                        and(shr(48, code), 0xffff),
                        addmod(
                            mulmod(mload(and(shr(32, code), 0xffff)), mload(and(shr(16, code), 0xffff)), modulus),
                            mload(and(code, 0xffff)),
                            modulus
                        )
                    )
                }
            }
