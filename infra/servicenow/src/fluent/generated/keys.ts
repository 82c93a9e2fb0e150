import '@servicenow/sdk/global'

declare global {
    namespace Now {
        namespace Internal {
            interface Keys extends KeysRegistry {
                explicit: {
                    'acl-outbox-delete': {
                        table: 'sys_security_acl'
                        id: '64a3253bbb0042ec9147e4d232c72922'
                    }
                    'acl-outbox-read': {
                        table: 'sys_security_acl'
                        id: '98ce673a7e904fe288c6094fc68725c5'
                    }
                    'acl-tag-read': {
                        table: 'sys_security_acl'
                        id: '0ffb434ee33e472fa78ce6246d9abd37'
                    }
                    'acl-tag-write': {
                        table: 'sys_security_acl'
                        id: '4790ac139c7a4e318b075fef5ac02770'
                    }
                    'action-propose': {
                        table: 'sys_ui_action'
                        id: '75fb7ff98da5479b91737ab4bdd3d2bd'
                    }
                    'action-send-again': {
                        table: 'sys_ui_action'
                        id: '50a0ca16156640398350f7b5718e556e'
                    }
                    bom_json: {
                        table: 'sys_module'
                        id: '8bfcf92af83845d89ccc84d8025a3676'
                    }
                    'job-reap': {
                        table: 'sysauto_script'
                        id: '5e455085d39c4e2088e1340e9b79cb32'
                    }
                    'job-send': {
                        table: 'sysauto_script'
                        id: '89fdc9d711334d28bec6fbd55c036263'
                    }
                    menu: {
                        table: 'sys_app_application'
                        id: '3bf768d526de4eb28ed5747caa3e4eba'
                    }
                    message: {
                        table: 'sys_rest_message'
                        id: 'a30e08a4697c43dd8dd61281529e7106'
                    }
                    'module-all': {
                        table: 'sys_app_module'
                        id: '50a525154ea74eec9c59a2accd24cac4'
                    }
                    'module-dead': {
                        table: 'sys_app_module'
                        id: 'fd95428104a540bab49688f41795843f'
                    }
                    'module-pending': {
                        table: 'sys_app_module'
                        id: '4c3d952c3d024ac88b56a6456cfc95e6'
                    }
                    'module-properties': {
                        table: 'sys_app_module'
                        id: '04d203f9d8394c268621aa4b3f64f8d0'
                    }
                    package_json: {
                        table: 'sys_module'
                        id: 'd9602417900c4d50a2fb78a2216a58e7'
                    }
                    'privilege-incident-read': {
                        table: 'sys_scope_privilege'
                        id: 'e2003061c7bb47f1b0cf216ea290f4a3'
                    }
                    'privilege-incident-write': {
                        table: 'sys_scope_privilege'
                        id: '03bf7de1ba974a46a91eff58cec984c0'
                    }
                    'property-active': {
                        table: 'sys_properties'
                        id: '9a08453222ac4e98a908c4388d4f9ee4'
                    }
                    'property-batch-size': {
                        table: 'sys_properties'
                        id: '657b5c1ef0924ba5bed22c69e21b5e1c'
                    }
                    'property-endpoint': {
                        table: 'sys_properties'
                        id: '27ef4686f722404ab6ee5ebd59c6d8e4'
                    }
                    'property-integration-user': {
                        table: 'sys_properties'
                        id: '090d2111950d4d93b2eeaf40adeba70a'
                    }
                    'property-keep-days': {
                        table: 'sys_properties'
                        id: 'a7f859d812134a8b9e43702e871a2fc0'
                    }
                    'property-max-attempts': {
                        table: 'sys_properties'
                        id: 'ebfaf413bd114825a4352ce10e4f4765'
                    }
                    'property-secret': {
                        table: 'sys_properties'
                        id: '0ac3a35df6fb439a8460e57eb99057ef'
                    }
                    'property-secret-next': {
                        table: 'sys_properties'
                        id: '91578f99d07d4b83b6f458cc2b5c1b0a'
                    }
                    'property-suggestion-column': {
                        table: 'sys_properties'
                        id: 'acb6a996e88a4d0b92b16644d2cc4e24'
                    }
                    'property-tag-rule': {
                        table: 'sys_properties'
                        id: '88c08953467248a8a6e46fb6c2371e13'
                    }
                    'rule-queue': {
                        table: 'sys_script'
                        id: '34c41349a0294f9ba55a302415d9f81d'
                    }
                    'rule-send': {
                        table: 'sys_script'
                        id: '207efe85a4d54f3b8f87c3c37c807e30'
                    }
                    'rule-tag': {
                        table: 'sys_script'
                        id: 'c07c519c1e6641178c91b9ab9957e6b0'
                    }
                    src_server_actions_ts: {
                        table: 'sys_module'
                        id: '93749122541a4ffebfce2ccf6ed942e9'
                    }
                    src_server_event_ts: {
                        table: 'sys_module'
                        id: '8bb6663fba59480488024fa66bb9f6c6'
                    }
                    src_server_outcome_ts: {
                        table: 'sys_module'
                        id: 'd65b8b942bf64d54bef6b43cb9473a9c'
                    }
                    src_server_post_ts: {
                        table: 'sys_module'
                        id: '28c67dd1d9674dcdb54e61a90b1090ee'
                    }
                    src_server_queue_ts: {
                        table: 'sys_module'
                        id: 'db1cdabfa1ac46a1aa020521b3708479'
                    }
                    src_server_reap_ts: {
                        table: 'sys_module'
                        id: 'a2ea1db17d2f4c06b96a4ad8171c3710'
                    }
                    src_server_send_ts: {
                        table: 'sys_module'
                        id: '492926ec836c4d2882e1302661addf34'
                    }
                    src_server_settings_ts: {
                        table: 'sys_module'
                        id: 'c2197fd64337499c871cfb819944c4fa'
                    }
                    src_server_signature_ts: {
                        table: 'sys_module'
                        id: 'a015c14cfd6342168db29080613dbffe'
                    }
                    src_server_tag_ts: {
                        table: 'sys_module'
                        id: 'ba15ddc405ef454a9f57162f509cf9f1'
                    }
                }
                composite: [
                    {
                        table: 'sys_documentation'
                        id: '0c9b5f16d0bd42fbb60574c157eaf172'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'attempts'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: '0d63dfc2def64b0ba50c347ed28ed22d'
                        key: {
                            sys_ui_action: '50a0ca16156640398350f7b5718e556e'
                            sys_user_role: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '0dd526b6db4148248f8634d9614e2981'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'event_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '17cec8f059e44ac08c966628c7c6a607'
                        key: {
                            sys_security_acl: '0ffb434ee33e472fa78ce6246d9abd37'
                            sys_user_role: {
                                id: 'ed1f60e3ef5c46419cb2db221ff0edc3'
                                key: {
                                    name: 'itil'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '1ede647d627e48e1b24cbfe15c54c335'
                        key: {
                            sys_security_acl: '0ffb434ee33e472fa78ce6246d9abd37'
                            sys_user_role: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '225b968a2857477aaa02f031e388e785'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '23c107e5d21d4b16b23c343b5ea74ec2'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'next_attempt'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '2a4e2a734b4945d2bf93eccdd82f7059'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '2cebaf84b190417bb184cc127dd85019'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'incident'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '31dec82f82c646ceb00bcf5c7f01e6d1'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'last_status'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: '34e3637dc7724daebeae3f81cfcda05a'
                        key: {
                            sys_ui_action: '75fb7ff98da5479b91737ab4bdd3d2bd'
                            sys_user_role: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '354cbe65aed24589a891c004e81651a7'
                        key: {
                            logical_table_name: 'x_handrail_outbox'
                            col_name_string: 'event_id'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '42d44e74faa549f598703b601a8fd099'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'last_error'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '4345cfaacf1f4771bbe31b4ecd040eab'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                            value: 'dead'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '43e8ecb962544475a4958038822e90c7'
                        key: {
                            sys_security_acl: '4790ac139c7a4e318b075fef5ac02770'
                            sys_user_role: {
                                id: 'ed1f60e3ef5c46419cb2db221ff0edc3'
                                key: {
                                    name: 'itil'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '46c6b05b8b7f42fd8b57eeee9e198117'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '47afe23f5eee43d5bddb1c0831d0d862'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'last_error'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '4dc428fcbd444b4da93f85df950d94e8'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'last_status'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '4f8f32d04cc54fde9805f9cd05311bb4'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'event_id'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '584d92d8e6b1422bad88d12d2b23c092'
                        key: {
                            sys_security_acl: '64a3253bbb0042ec9147e4d232c72922'
                            sys_user_role: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '5b41ceed9cc540198bcbd55ef614d5dc'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'incident'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '5d2def9a6de74fee9d0f60b07c8aad1a'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '67bc3931578a40d885bbb34741a9d993'
                        key: {
                            name: 'incident'
                            element: 'x_handrail_tag'
                            value: 'offer'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: '6b3da7c193b942a2955b089c81239dc4'
                        key: {
                            name: 'incident'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: '6d546e69be8646d9b1aa858e29348eac'
                        key: {
                            name: 'x_handrail_outbox'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '6ecd24bb4013424c8bfd071c9ad98382'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                            value: 'sent'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '6f9f042d65f846b887923d59a9078cc1'
                        key: {
                            sys_security_acl: '0ffb434ee33e472fa78ce6246d9abd37'
                            sys_user_role: {
                                id: 'cd01ece4ace849dd99c9ecc81bd44cec'
                                key: {
                                    name: 'x_handrail.integration'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '715f13e187bc463e9c5cee15b6aeaa42'
                        key: {
                            name: 'incident'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_user_role_contains'
                        id: '74636cd29e674167a29d4e3151a5ce13'
                        key: {
                            role: {
                                id: 'cd01ece4ace849dd99c9ecc81bd44cec'
                                key: {
                                    name: 'x_handrail.integration'
                                }
                            }
                            contains: {
                                id: 'f9633f508430498ba78368a48f7f285c'
                                key: {
                                    name: 'sn_incident_read'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_rest_message_fn'
                        id: '7902a2b7826945309edeb2860b61070d'
                        key: {
                            rest_message: 'a30e08a4697c43dd8dd61281529e7106'
                            function_name: 'post_event'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '7c6bdfaeaf0c41fe9c05c8d168789849'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '8581d575fef449aeaa60759c819e73ce'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'attempts'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '87f3775e210449c981c9153a2fb7dd94'
                        key: {
                            name: 'incident'
                            element: 'x_handrail_tag'
                            value: 'never'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: '900cde4897ff42bcb81b72eb9f8e0ea6'
                        key: {
                            sys_ui_action: '75fb7ff98da5479b91737ab4bdd3d2bd'
                            sys_user_role: {
                                id: 'ed1f60e3ef5c46419cb2db221ff0edc3'
                                key: {
                                    name: 'itil'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '9175e6c376984dddb383e0dd58456ad6'
                        key: {
                            logical_table_name: 'x_handrail_outbox'
                            col_name_string: 'incident,state'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '95c29854c6ff41ab8c1463514687b95e'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'sys_created_on'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '9abfa971c84c4ab4a01d11a5d989756c'
                        key: {
                            name: 'incident'
                            element: 'x_handrail_tag'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'a1611581ddaa4a8ea85c3e213afb371d'
                        key: {
                            sys_security_acl: '4790ac139c7a4e318b075fef5ac02770'
                            sys_user_role: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_user_role_contains'
                        id: 'a204784fbd714ac29a8f42d83620db15'
                        key: {
                            role: {
                                id: 'cd01ece4ace849dd99c9ecc81bd44cec'
                                key: {
                                    name: 'x_handrail.integration'
                                }
                            }
                            contains: {
                                id: '177f2771bd1b4702af75bfeed402903e'
                                key: {
                                    name: 'sn_incident_write'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'a322fdf19b6c47ada0529dd11b24ad5a'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'last_error'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: 'a943b370291e481fa3d6656aecc07345'
                        key: {
                            name: 'x_handrail_outbox'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'ab28616b514f49a6a62f569a0e75de75'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'event_id'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: 'ab96db98242340fdb7186d00a1f8ccc9'
                        key: {
                            name: 'incident'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'b8141f41d2f0443b8eef39b90389e99f'
                        key: {
                            sys_security_acl: '0ffb434ee33e472fa78ce6246d9abd37'
                            sys_user_role: {
                                id: 'e2ec0538e253425a950e7fbbdad5d4fd'
                                key: {
                                    name: 'sn_incident_read'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'ba3d5e3fa3074b0cb5384d45ce549db5'
                        key: {
                            sys_security_acl: '98ce673a7e904fe288c6094fc68725c5'
                            sys_user_role: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: 'be2ac6afadb740429ab3829b53ae4d81'
                        key: {
                            name: 'x_handrail.admin'
                        }
                    },
                    {
                        table: 'sys_user_role_contains'
                        id: 'c52df837786b4f37925f0383a1ec4e3c'
                        key: {
                            role: {
                                id: 'be2ac6afadb740429ab3829b53ae4d81'
                                key: {
                                    name: 'x_handrail.admin'
                                }
                            }
                            contains: {
                                id: 'f9ceed7825c04f1f877f242310613b58'
                                key: {
                                    name: 'x_handrail.operator'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: 'cd01ece4ace849dd99c9ecc81bd44cec'
                        key: {
                            name: 'x_handrail.integration'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'cf186a557afe4fd6a33779178c334158'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                            value: 'superseded'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'cff14fce621e45e5adc17bb1dc70c388'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'attempts'
                        }
                    },
                    {
                        table: 'sys_ui_list'
                        id: 'd039b38495db44ec81a24d61e3736275'
                        key: {
                            name: 'x_handrail_outbox'
                            view: {
                                id: 'Default view'
                                key: {
                                    name: 'NULL'
                                }
                            }
                            sys_domain: 'global'
                            element: 'NULL'
                            relationship: 'NULL'
                            parent: 'NULL'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'd5faa2b9127440db96387afaf40059d5'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                            value: 'pending'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'de17ff45c3c44217bbc0365c23ef5c9a'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'last_status'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: 'df4683174fcc4107b839deb888c03313'
                        key: {
                            logical_table_name: 'x_handrail_outbox'
                            col_name_string: 'state,next_attempt'
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: 'e359f62166854f308ce4d66fd12459a7'
                        key: {
                            name: 'incident'
                            element: 'x_handrail_tag'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'e47453e8775c4d188b7f9f51311f4fba'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'body'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e55c34155701465a8160efd2f877d9b7'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'body'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'ebb83c706b8a49e4b7d7dd9ed9bb4293'
                        key: {
                            name: 'incident'
                            element: 'x_handrail_tag'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_user_role_contains'
                        id: 'f4140e3c6b9c40a9838f48e91756b052'
                        key: {
                            role: {
                                id: 'cd01ece4ace849dd99c9ecc81bd44cec'
                                key: {
                                    name: 'x_handrail.integration'
                                }
                            }
                            contains: {
                                id: '8558cb3796504bceae0824371898a46c'
                                key: {
                                    name: 'cmdb_read'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: 'f52b5777fccf418bbb0f17be319452b3'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f91625079b734890a936b8d95c2fb377'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'next_attempt'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: 'f9ceed7825c04f1f877f242310613b58'
                        key: {
                            name: 'x_handrail.operator'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'fac8108cf4024c31a73b4b0a2cf7a36e'
                        key: {
                            list_id: {
                                id: 'd039b38495db44ec81a24d61e3736275'
                                key: {
                                    name: 'x_handrail_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'next_attempt'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'fe7abf3439b944a09e1b84a0639ba161'
                        key: {
                            name: 'x_handrail_outbox'
                            element: 'incident'
                        }
                    },
                ]
            }
        }
    }
}
