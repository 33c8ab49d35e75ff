desk-oversight = Надзор
desk-log = Журнал
desk-statistics = Статистика дня
desk-me = Моя страница
desk-training = Упражнения
figure-table = Числа таблицей
outcome-effect = изменение
outcome-look = просмотр
outcome-denial = отказано
outcomes-effect = Изменения
outcomes-look = Просмотры
outcomes-denial = Отказы
purpose-training = обучение
purpose-genomic-registration = геномная регистрация
purpose-genomic-examination = геномная экспертиза
purpose-contamination = контроль качества лаборатории
purpose-reconciliation = опознание погибшего
purpose-none-stated = цель не названа
purpose-not-a-code = цель не распознана
oversight-title = Надзор
oversight-days-choose = Период
oversight-days-choice =
    { $n ->
        [one] { $n } день
        [few] { $n } дня
       *[other] { $n } дней
    }
oversight-period = { $from } — { $to }
oversight-to-log = Читать журнал
oversight-attention =
    { $notes ->
        [0] Ничто не вызывает вопросов
        [one] { $notes } обстоятельство заслуживает вопроса
        [few] { $notes } обстоятельства заслуживают вопроса
       *[other] { $notes } обстоятельств заслуживают вопроса
    }; { $waiting ->
        [0] решения никто не ждёт.
        [one] { $waiting } дело ждёт решения человека.
        [few] { $waiting } дела ждут решения человека.
       *[other] { $waiting } дел ждут решения человека.
    }
oversight-notes-title = Что заслуживает вопроса
oversight-notes-none = За этот период правила ничего не нашли. Проверяются: просмотр собственной записи, просмотры ночью, много просмотров или поисков за час, отказы подряд просмотр одного человека несколькими органами и центры, где от добровольного почти никто не отказывается.
oversight-notes-hint = Это не обвинение, а только подсчёт. Сначала прочтите записи, потом спрашивайте.
oversight-note-entries = Прочесть эти записи
oversight-some-account = одна учётная запись
oversight-note-self-lookup =
    Владелец учётной записи «{ $account }» смотрел или менял собственную запись по службе: { $n ->
        [one] { $n } запись журнала.
        [few] { $n } записи журнала.
       *[other] { $n } записей журнала.
    }
oversight-note-many-looks =
    Учётная запись «{ $account }» за один час смотрела { $n ->
        [one] { $n } разного человека.
       *[other] { $n } разных людей.
    }
oversight-note-many-searches =
    Учётная запись «{ $account }» за один час искала людей { $n ->
        [one] { $n } раз.
        [few] { $n } раза.
       *[other] { $n } раз.
    }
oversight-note-denials-in-a-row =
    Учётной записи «{ $account }» за час отказано { $n ->
        [one] { $n } раз подряд.
        [few] { $n } раза подряд.
       *[other] { $n } раз подряд.
    }
oversight-note-after-hours =
    Учётная запись «{ $account }» смотрела записи людей, когда приём закрыт (22:00–07:00): { $n ->
        [one] { $n } раз.
        [few] { $n } раза.
       *[other] { $n } раз.
    }
oversight-note-many-eyes =
    За сутки одного и того же человека смотрели { $n ->
        [one] { $n } учётная запись.
        [few] { $n } учётные записи.
       *[other] { $n } учётных записей.
    } Спросите каждого, для какого это было дела.
oversight-note-several-bodies =
    За сутки одного и того же человека смотрели { $n ->
        [one] { $n } учреждение.
        [few] { $n } учреждения.
       *[other] { $n } учреждений.
    }
oversight-waiting-title = Ждёт решения человека
oversight-waiting-none = Решения никто не ждёт.
oversight-waiting-since =
    { $what } { $n ->
        [0] Самое давнее ждёт с сегодняшнего дня.
        [one] Самое давнее ждёт { $n } день.
        [few] Самое давнее ждёт { $n } дня.
       *[other] Самое давнее ждёт { $n } дней.
    }
oversight-waiting-candidate =
    { $n ->
        [one] { $n } кандидата должны сравнить эксперты.
        [few] { $n } кандидатов должны сравнить эксперты.
       *[other] { $n } кандидатов должны сравнить эксперты.
    }
oversight-waiting-appeal =
    { $n ->
        [one] { $n } жалоба рассматривается.
        [few] { $n } жалобы рассматриваются.
       *[other] { $n } жалоб рассматриваются.
    }
oversight-waiting-refusal-decision =
    { $n ->
        [one] По { $n } отказу человека орган ещё не решил.
        [few] По { $n } отказам людей орган ещё не решил.
       *[other] По { $n } отказам людей орган ещё не решил.
    }
oversight-waiting-revision =
    { $n ->
        [one] { $n } пересмотр записей ждёт второго сотрудника.
        [few] { $n } пересмотра записей ждут второго сотрудника.
       *[other] { $n } пересмотров записей ждут второго сотрудника.
    }
oversight-waiting-identity-conflict =
    { $n ->
        [one] В { $n } случае отпечатки не совпали с зарегистрированными.
        [few] В { $n } случаях отпечатки не совпали с зарегистрированными.
       *[other] В { $n } случаях отпечатки не совпали с зарегистрированными.
    }
oversight-waiting-duplicate-registration =
    { $n ->
        [one] { $n } человек оказался зарегистрирован дважды.
        [few] { $n } человека оказались зарегистрированы дважды.
       *[other] { $n } человек оказались зарегистрированы дважды.
    }
oversight-waiting-inconclusive-comparison =
    { $n ->
        [one] { $n } сравнение осталось без вывода.
        [few] { $n } сравнения остались без вывода.
       *[other] { $n } сравнений остались без вывода.
    }
oversight-waiting-cluster-revised =
    { $n ->
        [one] Решения по { $n } пересмотренной записи надо проверить.
        [few] Решения по { $n } пересмотренным записям надо проверить.
       *[other] Решения по { $n } пересмотренным записям надо проверить.
    }
oversight-waiting-correction-requested =
    { $n ->
        [one] { $n } человек просит исправить данные.
        [few] { $n } человека просят исправить данные.
       *[other] { $n } человек просят исправить данные.
    }
oversight-days-title = Просмотры по дням
oversight-days-sentence =
    За { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[other] { $days } дней
    } записи и журнал смотрели { $looks ->
        [one] { $looks } раз
        [few] { $looks } раза
       *[other] { $looks } раз
    }, отказано { $denials ->
        [one] { $denials } раз.
        [few] { $denials } раза.
       *[other] { $denials } раз.
    }
oversight-day = День
oversight-bodies-title = Кто и зачем смотрел
oversight-bodies-sentence =
    Больше всех смотрело учреждение «{ $name }»: { $n ->
        [one] { $n } раз.
        [few] { $n } раза.
       *[other] { $n } раз.
    }
oversight-bodies-none = За этот период никто не смотрел.
oversight-nobody = система или не вошедшие
oversight-sanctions-title = Санкции
oversight-sanctions-sentence = За период внесено санкций: { $entered }; использовано { $uses } из разрешённых { $allowed }. Сейчас действует санкций: { $force }.
oversight-log-state-title = Открытый журнал
oversight-log-whole = В журнале записей: { $n }; все опубликованы или будут в течение минуты.
oversight-log-behind = Из { $rows } записей не опубликовано дольше минуты: { $n }. Спросите администратора о причине.
oversight-to-public-log = Как проверить открытый журнал
oversight-log-title = Журнал
log-filter = Что искать?
log-outcome = Вид
log-event = Что произошло
log-organisation = Учреждение
log-purpose = Цель
log-since = С
log-until = По (включительно)
log-any = любое
log-show = Показать
log-all = Весь журнал
log-none = Таких записей нет. Расширьте условия или покажите весь журнал.
log-caption = Записи, сначала новые
log-place = Номер
log-when = Когда
log-what = Что произошло
log-account = Учётная запись
log-people = О скольких людях
log-code = Код
log-newest = К новым
log-older = Более ранние
log-of-note = Показаны записи одного замечания: { $n }.
log-reading-is-logged = Чтение журнала тоже записывается. Имён и отпечатков здесь нет.
oversight-entry-title = Запись журнала
oversight-entry-title-n = Запись журнала № { $text }
entry-details = Подробности
entry-details-hint = Запечатанная часть, раскрытая для вас: номера и коды.
entry-public = Открытая для всех часть
entry-public-hint = В дерево журнала входят именно эти байты. Кто и о ком — только в виде солёных обязательств.
entry-proof = Доказательство с собой
entry-proof-hint = Этот файл доказывает кому угодно и без этой службы, что запись стоит в опубликованном журнале.
entry-proof-take = Скачать доказательство
entry-proof-check = Чтобы проверить самому:
entry-proof-not-yet = Запись ещё не опубликована; обновите страницу через несколько секунд.
entry-back = Назад к журналу
publiclog-title = Открытый журнал
publiclog-lead = Каждое изменение, каждый просмотр и каждый отказ оставляют след в этом журнале. Незаметно убрать или изменить в нём ничего нельзя — и вы можете проверить это сами.
publiclog-what = В журнале нет имён, номеров и отпечатков: только что произошло, когда, зачем и по какой норме. Кто и о ком — запечатано; это могут раскрыть сам человек, надзор и суд.
publiclog-name = Имя журнала
publiclog-size = Число записей
publiclog-minimum = Первая сохранённая запись
publiclog-minimum-shown = Подписанное заявление
publiclog-root = Корень дерева
publiclog-key = Открытый ключ
publiclog-check-title = Как проверить самому
publiclog-step-1 = Возьмите открытый ключ не с этой страницы, а у того, кому доверяете: из газеты, в суде, у знакомого.
publiclog-step-2 = Сохраните сегодняшнюю контрольную точку. Если завтра журнал станет короче или другим, у вас будет доказательство.
publiclog-step-3 = Проверьте копию файлов журнала целиком:
publiclog-step-4 = Или проверьте доказательство одной записи:
publiclog-checkpoint-shown = Контрольная точка текстом
publiclog-format = Форматы — C2SP tlog-tiles, checkpoint и tlog-proof; их читают и другие программы.
publiclog-entry-title = Посмотреть одну запись
publiclog-entry-label = Номер записи
publiclog-entry-hint = Он стоит в квитанции, на странице отказа или на вашей странице.
publiclog-entry-show = Показать
publiclog-entry-found = Открытая для всех часть записи № { $text }:
publiclog-entry-unknown = Записи с номером «{ $text }» в журнале нет. Номер — целое число от 0.
publiclog-entry-pruned = Запись { $text } удалена: срок хранения журнала по закону истёк. Тот, кто получил её доказательство раньше, может проверить его и сейчас.
me-title = Моя страница
me-contents = На этой странице
me-looks-title = Кто смотрел и зачем
me-looks-sentence =
    { $n ->
        [0] Кроме вас, здесь никто не указан; записей: { $entries }, сначала новые.
        [one] С вашей записью работало { $n } учреждение; записей: { $entries }, сначала новые.
        [few] С вашей записью работали { $n } учреждения; записей: { $entries }, сначала новые.
       *[other] С вашей записью работали { $n } учреждений; записей: { $entries }, сначала новые.
    }
me-you = Вы
me-the-system = Сама система
me-look-why = Цель: { $text }.
me-look-clause = Норма: { $text }.
me-look-entry = запись № { $text }
me-look-times =
    { $day }, { $n ->
        [one] { $n } раз
        [few] { $n } раза
       *[other] { $n } раз
    }
me-held-title = Что о вас хранится
me-held-none = О вас ничего не хранится.
me-provisional = ещё не подтверждено
me-prints =
    { $n ->
        [one] Хранятся отпечатки { $n } вашего пальца.
        [few] Хранятся отпечатки { $n } ваших пальцев.
       *[other] Хранятся отпечатки { $n } ваших пальцев.
    }
me-attribute-other = другое
source-population-register = из регистра населения
source-document = из документа
source-typed = введено при приёме
source-court = по решению суда
me-correction-title = Здесь ошибка
me-correction-attribute = Что неверно?
me-correction-choose = выберите
me-correction-hint = До 1000 знаков. Эти слова хранятся запечатанными.
me-correction-send = Отправить просьбу
me-documents-title = Документы
me-documents-none = Документов пока нет.
me-document-identity-card = Удостоверение личности
me-document-passport = Паспорт
me-document-residence-permit = Вид на жительство
me-document-stateless-certificate = Удостоверение лица без гражданства
me-document-seafarer-identity = Удостоверение личности моряка
me-document-interim = Временный документ
me-document-state-applied = подано заявление
me-document-state-personalised = изготовлен
me-document-state-issued = выдан
me-document-state-lost = утерян
me-document-state-stolen = похищен
me-document-state-replaced = заменён
me-document-state-expired = срок истёк
me-document-state-cancelled = аннулирован
me-document-until = действует до: { $text }
me-document-linked = связан с вашими отпечатками
me-document-unlinked = без отпечатков
me-visits-title = Ваши посещения
me-visits-none = Записей о посещениях нет.
me-trigger-identity-card = За удостоверением личности
me-trigger-passport = За паспортом
me-trigger-residence-permit = За видом на жительство
me-trigger-stateless-certificate = За удостоверением лица без гражданства
me-refusals-title = Отказы и жалобы
me-consequence-fine = Может последовать штраф
me-consequence-deny-document = Может быть отказано в документе
me-consequence-expel = Может последовать выдворение
me-consequence-none = Последствий нет
me-amount = { $text } тенге
me-refusal-open = Записано: { $text }. Само собой ничего не следует: решает уполномоченный орган.
me-refusal-nothing = Записано: { $text }. Из этого ничего не следует.
me-refusal-decided = Орган принял решение: { $text }.
me-refusal-paid = Штраф уплачен: { $text }.
me-refusal-appealed = Подана жалоба: { $text }. До решения по ней ничего не исполняется.
me-refusal-upheld = Жалоба удовлетворена: { $text }. Больше ничего не следует.
me-refusal-appeal-ended = Жалоба рассмотрена: { $text }.
me-refusal-authority = Решает: { $text }.
me-appeal = Жалобу можно подать в центре обслуживания, в вышестоящий орган или в суд. Пока она рассматривается, в документе не отказывают и выдают временный.
me-consents-title = Разъяснения и согласия
me-consents-none = Записей о согласиях нет.
me-consent-explanation = Закон разъяснён
me-consent-subject-consent = Вы дали согласие
me-consent-guardian-consent = Законный представитель дал согласие
me-consent-guardian-presence = Законный представитель присутствовал
me-consent-objection = Высказано возражение
me-consent-withdrawn = отозвано: { $text }
me-consent-by = дал(а): { $text }
me-consent-words = Текст
me-task-prints-postponed = Снятие ваших отпечатков отложено
me-task-decision-of-age = Теперь решаете вы
me-task-due = Приходите начиная с { $text }.
me-decision-lead = На регистрацию ваших отпечатков согласился родитель или законный представитель. Теперь закон спрашивает вас.
me-decision-words = Когда-то родитель или законный представитель согласился на регистрацию ваших отпечатков. Теперь решаете вы сами. Если вы согласны, они остаются зарегистрированными, в зашифрованном виде и связанными с вашим документом; это согласие вы можете отозвать в любое время.
me-decision-stay = Согласен(на): пусть остаются
me-language-kk = на казахском
me-language-ru = на русском
me-language-en = на английском
me-rights-title = Ваши права
me-right-see = Всегда и бесплатно видеть, что о вас хранится и кто смотрел.
me-right-correct = Просить исправить ошибку.
me-right-appeal = Обжаловать любой отказ; в каждом указано, по какой норме он дан.
me-right-proof = Взять доказательство каждой записи и проверить журнал самому.
me-right-receipt = Проверить подлинность квитанции.
me-receipt-check = Проверить квитанцию
me-all-entries = Можно взять с собой файл, который доказывает, что ни одна запись о вас не пропущена. В нём записи по месту, времени и виду, без вашего имени. Он обновляется примерно раз в минуту; запись, о которой по санкции сообщают позже, появится, когда придёт её срок.
me-all-entries-take = Скачать доказательство, что это все записи
me-entry-title = Запись о вас
me-entry-officer = Здесь названо учреждение, а не сотрудник. Кто именно — знает орган надзора; обратитесь туда, если цель кажется вам неверной.
me-entry-proof = Сохраните этот файл: он и в суде докажет, что запись была в журнале. Данных о вас в нём нет.
me-entry-back = Назад на мою страницу
stats-title = Статистика дня
stats-all-sites = все места
stats-show-all = Все места
stats-show-site = Своё место
stats-day-before = День раньше
stats-day-after = День позже
stats-no-station = Вы вошли не на рабочей станции, поэтому дня вашего места здесь нет. Выйдите и войдите снова с кодом рабочей станции.
stats-nothing = В этот день никто не приходил. Выберите другой день.
stats-hint = Здесь только числа: ничьё имя и ничья запись не раскрываются.
stats-count = Число
stats-arrivals-title = Пришедшие по часам
stats-arrivals-none = В этот день никто не приходил.
stats-arrivals-sentence =
    { $n ->
        [one] Пришёл { $n } человек
        [few] Пришли { $n } человека
       *[other] Пришли { $n } человек
    }; больше всего с { $from } до { $to }: { $most }.
stats-hour = Час
stats-outcomes-title = Чем закончилось
stats-how-ended = Исход
stats-outcomes-sentence = Из { $n } пришедших зарегистрированы, подтверждены или освобождены: { $done }; отказались: { $refused }; ещё не закончено: { $waiting }.
stats-outcome-registered = зарегистрирован
stats-outcome-verified = подтверждён
stats-outcome-exempt = освобождён
stats-outcome-refused = отказался
stats-outcome-adjudication = сравнивают эксперты
stats-outcome-duplicate = зарегистрирован раньше под другой записью
stats-outcome-conflict = отпечатки не совпали
stats-outcome-denied = закон не разрешает
stats-outcome-open = не закончено
stats-quality-title = Качество отпечатков
stats-quality-sentence = Сохранено отпечатков: { $n }, из них ниже { $below } по качеству: { $flagged }; снимали повторно пальцев: { $recaptured }.
stats-quality = Качество
stats-prints = Отпечатки
stats-by-finger = По пальцам
stats-finger = Палец
stats-median = Медиана
stats-flagged = Низкое качество
stats-recaptured = Сняты повторно
stats-finger-right-thumb = Большой палец правой руки
stats-finger-right-index = Указательный палец правой руки
stats-finger-right-middle = Средний палец правой руки
stats-finger-right-ring = Безымянный палец правой руки
stats-finger-right-little = Мизинец правой руки
stats-finger-left-thumb = Большой палец левой руки
stats-finger-left-index = Указательный палец левой руки
stats-finger-left-middle = Средний палец левой руки
stats-finger-left-ring = Безымянный палец левой руки
stats-finger-left-little = Мизинец левой руки
stats-times-title = Сколько времени заняло
stats-times-none = Ни один приём ещё не закончен.
stats-times-sentence = Из { $n } законченных приёмов половина заняла не больше { $median }, девять из десяти — не больше { $most }.
stats-times-median = Половина (медиана)
stats-times-p90 = Девять из десяти
stats-seconds =
    { $n ->
        [one] { $n } секунды
        [few] { $n } секунд
       *[other] { $n } секунд
    }
stats-minutes =
    { $n ->
        [one] { $n } минуты
        [few] { $n } минут
       *[other] { $n } минут
    }
stats-denials-title = В чём отказано
stats-denials-sentence =
    { $n ->
        [0] В этот день ни в чём не отказано.
        [one] Закон и правила не позволили { $n } действие. Собственные отказы людей здесь не считаются.
        [few] Закон и правила не позволили { $n } действия. Собственные отказы людей здесь не считаются.
       *[other] Закон и правила не позволили { $n } действий. Собственные отказы людей здесь не считаются.
    }
stats-denied-what = Что
stats-denied-why = Почему
event-access-denied = запрос сведений отклонён
event-access-granted = сведения выданы по законному запросу
event-account-created = создана учётная запись
event-account-disabled = учётная запись закрыта
event-candidate-found = поиск нашёл похожие отпечатки
event-candidate-opened = сравнение открыто
event-candidate-viewed = эксперт сравнивал отпечатки (без имени)
event-capture-denied = снятие отпечатка не разрешено
event-case-opened = открыто дело
event-consent-denied = согласие не принято
event-consent-recorded = записано разъяснение или согласие
event-guardian-identified = установлена личность представителя
event-prints-postponed = снятие отпечатков отложено
event-decision-of-age-due = человек может решить заново
event-contamination-decided = принято решение о загрязнении образца
event-contamination-denied = решение о загрязнении не разрешено
event-contamination-suspected = образец задержан: возможно загрязнение
event-contaminations-viewed = просмотрены возможно загрязнённые образцы
event-correction-applied = данные исправлены
event-correction-denied = исправление не разрешено
event-correction-proposed = предложено исправление
event-correction-rejected = исправление отклонено
event-correction-requested = запрошено исправление
event-correction-viewed = прочитана просьба об исправлении
event-document-applied = подано заявление на документ
event-document-changed = изменилось состояние документа
event-document-denied = в документе отказано
event-document-interim-issued = выдан временный документ
event-document-personalised = документ изготовлен
event-document-viewed = просмотрен документ
event-duplicate-suspected = проверяется повторная регистрация
event-encounter-denied = приём не начат: закон не разрешает
event-encounter-opened = начат приём
event-encounter-viewed = просмотрена страница приёма
event-exemption-denied = освобождение не разрешено
event-exemption-recorded = записано освобождение
event-exercise-begun = начато упражнение
event-exercise-scored = упражнение оценено
event-file-converted = принесённый файл переведён в другой формат
event-file-opened = открыт принесённый файл
event-finger-captured = снят отпечаток пальца
event-finger-stated = записано, почему отпечаток пальца не снят
event-genomic-case-viewed = просмотрено дело геномной регистрации
event-genomic-finding-denied = вывод о геномном совпадении не разрешён
event-genomic-hit-judged = эксперт сделал вывод о геномном совпадении
event-genomic-hit-viewed = эксперт смотрел геномное совпадение (без имени)
event-genomic-reference-entered = внесены справочные геномные данные
event-genomic-searched = проведён геномный поиск
event-genomic-search-denied = геномный поиск не разрешён
event-hands-photographed = сфотографированы кисти
event-hands-viewed = просмотрена фотография кистей
event-identification-denied = просмотр обеих сторон опознания не разрешён
event-identification-viewed = просмотрены обе стороны опознания
event-instance-founded = реестр основан
event-judgement-denied = сравнение не разрешено
event-judgement-given = эксперт сделал вывод
event-lineage-search-denied = поиск по признакам родословной линии не разрешён
event-lineage-searched = проведён поиск по признакам родословной линии
event-log-supervised = надзор читал журнал
event-lr-search-asked = запрошен поиск родственников
event-lr-search-decided = принято решение о поиске родственников
event-lr-search-denied = поиск родственников не разрешён
event-lr-search-made = проведён поиск родственников
event-namesakes-searched = поиск по имени
event-organisation-created = внесено учреждение
event-oversight-viewed = просмотрена страница надзора
event-own-record-viewed = открыта своя страница
event-person-searched = поиск человека
event-person-viewed = просмотрена страница человека
event-person-denied = в просмотре страницы человека отказано
event-quality-accepted = низкое качество принято с указанием причины
event-receipt-issued = выдана квитанция
event-reconciliation-confirmed = опознание подтверждено двумя экспертами
event-reconciliation-judged = эксперт сделал вывод об опознании
event-reconciliation-proposed = предложено опознание
event-reconciliation-viewed = просмотрено предложенное опознание
event-reconciliation-withdrawal-proposed = предложено отозвать опознание
event-reconciliations-viewed = просмотрен список предложенных опознаний
event-refusal-appeal-closed = жалоба рассмотрена
event-refusal-appealed = подана жалоба
event-refusal-decided = по отказу принято решение
event-refusal-decision-denied = решение не разрешено
event-refusal-fine-paid = штраф уплачен
event-refusal-recorded = человек отказался
event-refusal-viewed = просмотрена страница отказа
event-registration-activated = регистрация завершена
event-registration-conflict = отпечатки не совпали с прежними
event-registration-verified = отпечатки подтверждены
event-review-closed = закрыта задача проверки
event-review-viewed = просмотрена задача проверки
event-revision-applied = записи объединены или разделены
event-revision-denied = пересмотр записей не разрешён
event-revision-proposed = предложен пересмотр записей
event-revision-rejected = пересмотр записей отклонён
event-role-denied = роль этого не позволяет
event-sample-viewed = просмотрен снимок отпечатка
event-sanction-entered = внесена санкция
event-session-closed = выход из системы
event-session-denied = вход не удался
event-session-opened = вход в систему
event-shift-opened = смена открыта
event-shift-closed = смена закрыта
event-site-created = внесено место
event-specimen-denied = геномный образец не принят
event-specimen-registered = зарегистрирован геномный образец
event-station-created = внесена рабочая станция
events-access = Запросы
events-encounter = Приём
events-finger = Пальцы
events-consent = Согласия и разъяснения
events-registration = Регистрация
events-candidate = Кандидаты
events-judgement = Выводы экспертов
events-document = Документы
events-refusal = Отказы и жалобы
events-exemption = Освобождения
events-revision = Пересмотр записей
events-person = Просмотр страницы человека
events-session = Вход и выход
events-file = Принесённые файлы
events-own-record = Своя страница человека
reason-role = роль не позволяет
reason-four-eyes = нужны два сотрудника
reason-same-officer = нужны два сотрудника
reason-not-a-guardian = не законный представитель по регистру
reason-same-finger = один палец предложен дважды
reason-no-such-exemption = такого освобождения нет
reason-not-registered = регистрация не завершена
reason-refusal-in-force = действует решение после отказа
reason-must-not-register = закон запрещает регистрацию
reason-not-yet-lawful = не хватает согласия или присутствия
reason-site-trigger = в этом месте не проводится
reason-body-not-listed = закон не называет этот орган
reason-own-encounter = кто снимал отпечатки, тот их не сравнивает
reason-incomplete-request = запрос неполон: нет цели, дела или основания
reason-no-relation = нет отношения к этому человеку
reason-same-examiner = один эксперт не делает вывод дважды
training-title = Упражнения
training-lead = Здесь вы упражняетесь на вымышленных людях: испортить ничего нельзя, навредить некому.
training-sentence = Оценено упражнений: { $done } из { $n }; лучшие результаты вместе дают баллов: { $points }.
training-best = лучший результат: { $n }
training-under-way = начато
training-not-yet = ещё не начато
training-rules = Оценка ставится не за слова, а за сделанное: по журналу, согласиям и отпечаткам. Лучший результат каждой учётной записи сохраняется.
training-back = Все упражнения
training-who = Кто пришёл
training-person = Имя
training-number = Номер для ввода (ИИН)
training-guardian = Законный представитель
training-steps = Что делать
training-score = Оценить
training-to-counter = К приёму
training-begin = Начать упражнение
training-again = Повторить с другим человеком
training-points = { $n } из { $of } баллов
training-not-ended = Дело ещё не закончено: продолжайте и оцените снова.
training-criteria = За что каждый балл
training-criterion = Критерий
training-points-column = Баллы
training-rule = Правило
training-met = выполнено
training-missed = не выполнено
training-no-score = Оценки пока нет
training-no-score-hint = Начните упражнение, примите человека, вернитесь сюда и нажмите «Оценить».
training-name-ordinary-adult = Обычный взрослый
training-about-ordinary-adult = Удостоверение личности, десять пальцев.
training-story-ordinary-adult = Взрослый человек пришёл обновить удостоверение. Не спешит, но за ним очередь.
training-ordinary-adult-step-1 = Найдите человека по номеру, откройте приём за удостоверением личности.
training-ordinary-adult-step-2 = Сначала разъясните закон и запишите это.
training-ordinary-adult-step-3 = Снимите отпечатки десяти пальцев; плохие снимите повторно.
training-ordinary-adult-step-4 = Проверьте и подайте заявление на документ.
training-name-teenager = Подросток с представителем
training-about-teenager = Паспорт; нужны согласие и присутствие представителя.
training-story-teenager = Подросток пришёл с родителем за паспортом.
training-teenager-step-1 = Откройте приём за паспортом.
training-teenager-step-2 = Разъясните обоим; запишите согласие и присутствие по номеру представителя.
training-teenager-step-3 = Только потом снимайте отпечатки.
training-teenager-step-4 = Проверьте и закончите.
training-name-young-child = Ребёнок до двенадцати лет
training-about-young-child = Узнайте, что говорит закон.
training-story-young-child = Родитель привёл ребёнка и просит: «Зарегистрируйте нас всех сразу».
training-young-child-step-1 = Попробуйте открыть приём по номеру ребёнка.
training-young-child-step-2 = Прочтите ответ и объясните родителю. Не пытайтесь обойти.
training-name-refusal = Отказ
training-about-refusal = Человек не хочет сдавать отпечатки.
training-story-refusal = Человек пришёл за удостоверением и говорит: «Отпечатки не дам». Это его право; о последствиях говорит закон.
training-refusal-step-1 = Откройте приём, разъясните закон без давления и запишите это.
training-refusal-step-2 = Не снимайте ни одного отпечатка.
training-refusal-step-3 = Запишите отказ и скажите, что следует и как обжаловать.
training-name-damaged-fingers = Нет пальца, повязка, плохой отпечаток
training-about-damaged-fingers = Назовите каждое состояние своим именем.
training-story-damaged-fingers = У строителя нет левого мизинца, правый большой палец забинтован, один палец снимается плохо.
training-damaged-fingers-step-1 = Разъясните закон и запишите это.
training-damaged-fingers-step-2 = Отметьте: левый мизинец отсутствует, правый большой палец забинтован.
training-damaged-fingers-step-3 = Снимите остальные, плохой повторите до трёх раз.
training-damaged-fingers-step-4 = Проверьте и закончите.
training-name-exemption = Нет пальцев на обеих руках
training-about-exemption = Освобождение оформляют двое.
training-story-exemption = За удостоверением пришёл человек без пальцев на обеих руках.
training-exemption-step-1 = Разъясните закон и запишите это.
training-exemption-step-2 = Сфотографируйте кисти и выполните поиск по имени.
training-exemption-step-3 = Позовите второго сотрудника: он подтвердит под своей учётной записью.
training-exemption-step-4 = Подайте заявление на документ.
training-name-duplicate = Человек с другим номером
training-about-duplicate = Поиск найдёт прежнюю регистрацию; решают два эксперта.
training-story-duplicate = Документ в порядке, но эти отпечатки уже зарегистрированы под другим именем. Вы этого не знаете — найти должен поиск.
training-duplicate-step-1 = Как обычно: разъясните, снимите отпечатки десяти пальцев, отправьте на проверку.
training-duplicate-step-2 = Не обвиняйте человека: скажите, что эксперты сравнят.
training-duplicate-step-3 = Войдите как examiner-a и examiner-b и сравните независимо друг от друга.
training-duplicate-step-4 = Вернитесь оператором и оцените. Второй документ не выдаётся.
criterion-explained-first = Сначала разъяснено
rule-explained-first = До снятия, отказа или освобождения человек должен знать, что будет.
criterion-guardian-consent = Согласие представителя до первого пальца
rule-guardian-consent = У несовершеннолетнего без согласия представителя отпечатки не берут.
criterion-guardian-present = Представитель присутствовал
rule-guardian-present = Одного согласия мало: представитель должен быть на месте.
criterion-fingers-captured = Сняты все пальцы, которые можно снять
rule-fingers-captured = Палец нельзя пропустить без причины: на нём держится поиск.
criterion-poor-prints-repeated = Плохие отпечатки сняты повторно
rule-poor-prints-repeated = Есть три попытки; плохой отпечаток потом мешает самому человеку.
criterion-registered = Зарегистрирован
rule-registered = Дело доведено до конца.
criterion-document-linked = Документ связан с отпечатками
rule-document-linked = Регистрация ради документа; он опирается на отпечатки владельца.
criterion-document-without-prints = Документ без отпечатков
rule-document-without-prints = Кто не может сдать отпечатки, без документа не остаётся.
criterion-nothing-denied = Недозволенных попыток не было
rule-nothing-denied = Каждая недозволенная попытка записана и видна надзору.
criterion-law-asked = Ответ закона получен
rule-law-asked = Не решайте на глаз: отвечает закон.
criterion-nothing-taken = Ни один отпечаток не снят
rule-nothing-taken = Где нельзя, не снимают — даже «чтобы потом удалить».
criterion-asked-once = Обойти не пытались
rule-asked-once = После ответа закона обходных путей не ищут.
criterion-refusal-recorded = Отказ записан
rule-refusal-recorded = Незаписанный отказ нельзя и обжаловать.
criterion-missing-stated = Отсутствующий отмечен как отсутствующий
rule-missing-stated = Отсутствие постоянно: в следующий раз не спросят.
criterion-bandaged-stated = Забинтованный отмечен как забинтованный
rule-bandaged-stated = Рана заживёт: этот палец снимут позже.
criterion-exempt-by-two = Освобождение подтвердил второй
rule-exempt-by-two = Если бы решал один, освобождение стало бы лазейкой.
criterion-candidate-found = Поиск нашёл прежнюю регистрацию
rule-candidate-found = Для этого отпечатки должны быть сняты хорошо.
criterion-two-examiners = Вывод сделали два эксперта
rule-two-examiners = Совпадение — не решение; кто снимал, тот не решает.
criterion-found-the-same = Признан одним человеком
rule-found-the-same = Эти отпечатки действительно уже зарегистрированы.
criterion-not-registered-twice = Второй раз не зарегистрирован
rule-not-registered-twice = Один человек — одна регистрация.
problem-not-training = Этот реестр не для обучения. Упражнения идут в отдельном реестре (tanba train).

# что закон требует от людей
law-title = Что требует от вас закон
law-lead = Всё здесь взято из пакетов закона, по которым реестр работает сегодня, их собственными словами. Страницу можно распечатать.
law-none = У этого реестра нет пакета закона: ни у кого ничего не берётся.
law-about-fingerprint = Отпечатки пальцев
law-about-genomic = Геномный профиль (ДНК)
law-about-face = Изображение лица
law-about-iris = Изображение радужки
law-draft = Демонстрация: этот текст не проверил ни один юрист, и он не решает ни о ком из существующих людей.
law-ended = Этот закон больше не действует: по нему ничего не берётся и не используется.
law-must = Кто обязан пройти регистрацию
law-may = Кто может пройти регистрацию, если захочет
law-must-not = Кого регистрировать нельзя
law-else = Все остальные
law-exempt = Кто освобождён или чья регистрация откладывается
law-taken-title = Что берётся
law-taken-fingers = отпечатки пальцев
law-taken-fingers-most =
    отпечатки пальцев, не больше { $n ->
        [one] { $n } пальца
       *[other] { $n } пальцев
    }
law-taken-palms = отпечатки ладоней
law-taken-buccal = мазок с внутренней стороны щеки
law-taken-biological-sample = биологический образец
law-taken-biological-trace = биологические следы неизвестных лиц
law-taken-face = изображение лица
law-taken-iris = изображение радужки
law-kept-title = Сколько это хранится
law-kept-profile = Шаблоны и профили
law-kept-sample = Изображения и образцы
law-kept-log = Журнал просмотров
law-refusal-title = Что может последовать за отказом
law-refusal-nothing = За отказом ничего не следует.
law-refusal-never = Ничто из этого не происходит само: каждый шаг по очереди решает орган, и решение можно обжаловать.
law-back-title = Отзыв согласия и удаление
law-owed-title = Что реестр обязан сделать для вас
law-assumed = (не закон: допущение этой демонстрации, потому что закон прочитать не удалось)
law-known-a = официальный текст
law-known-b = вторичный источник
law-known-s = опубликованная статья
law-known-c = не проверено
law-known-x = неизвестно
law-pack = Пакет закона и его отпечаток (SHA-256):
law-rights-title = Ваши права и куда жаловаться
law-right-explained = До того как что-либо возьмут, вы можете попросить объяснение на своём языке и можете возразить.
law-right-see = Вы можете видеть, что о вас хранится и кто, когда и зачем это смотрел:
law-right-correct = Вы можете попросить об исправлении на своей странице или в любом центре обслуживания.
law-right-complain = Вы можете пожаловаться в центре обслуживания, в орган, который принял решение, в надзорный орган и в суд.
law-right-check = Вы можете проверить, что журнал никто не изменил:

me-withdraw = Отозвать моё согласие
me-withdraw-what = Ваши отпечатки сразу исчезают из любого поиска, их ключи уничтожаются, и записи журнала ниже это доказывают. Отменить это нельзя.
me-withdraw-sure = Я отзываю согласие на регистрацию моих отпечатков
done-consent-withdrawn = Согласие отозвано, отпечатки удалены. Записи на этой странице служат доказательством.
oversight-note-near-total-consent =
    В центре «{ $site }» на добровольное { $n ->
        [one] согласился { $n } человек
        [few] согласились { $n } человека
       *[other] согласились { $n } человек
    }, и почти никто не отказался. Спрашивали ли их?
purpose-retention = хранение и удаление
event-consent-withdrawn = согласие отозвано
event-withdrawal-denied = в отзыве согласия отказано
event-record-erased = данные удалены, их ключи уничтожены
event-record-ends-soon = уведомление: данные скоро будут удалены
event-record-blocked = запись больше нельзя использовать
event-record-unblocked = запись снова можно использовать
event-records-blocked = записи больше нельзя использовать: их закон утратил силу
event-templates-renewed = минуции отпечатков найдены на снимках заново, другим методом
event-templates-kept = минуции отпечатков проверены и остаются прежними
event-record-held = санкция предписывает сохранить запись
event-hold-denied = в сохранении записи отказано: нет санкции
event-retention-planned = составлен план удаления
event-retention-released = двое подписали, и ключи по плану удаления уничтожены
event-retention-release-denied = ключи по плану удаления не уничтожены: подписей нет или они недействительны
event-retention-unsigned = ключи по плану удаления уничтожены без подписей: никто не подписал вовремя
oversight-note-erasures-unsigned = Ключи уничтожены без двух подписей, планов удаления: { $n }. Никто не подписал вовремя. Закон этого требовал; спросите, почему никто не посмотрел.
note-rule-erasures-unsigned = ключи уничтожены без подписей
event-retention-not-due = шаг удаления больше не требовался
event-retention-plans-viewed = прочитаны планы удаления
event-retention-event-recorded = записано событие, от которого зависит хранение
event-material-destroyed = биологический материал уничтожен
event-log-payloads-erased = содержание старых записей журнала удалено
event-index-published = опубликован указатель собственных записей
event-rows-unreconciled = строки базы данных и журнал расходятся
event-law-activated = введены в действие пакеты закона
event-law-refused = пакеты закона отклонены
purpose-withheld = цель по закону не записывается
oversight-note-volume-reached = Учётную запись «{ $account }» остановил предел запросов: её собственный, дела или организации, раз: { $n }.
oversight-note-orders-overdue = { $organisation }: не подтверждено в срок поручений об удалении или исправлении полученных данных: { $n }.
oversight-note-rows-unreconciled = Строки базы данных и журнал расходятся (тревог: { $n }): что-то записано или удалено в обход программы. Прочтите записи и поручите проверить папку данных.
oversight-waiting-urgent-review = срочных доступов ждут проверки: { $n }
oversight-waiting-direction = распоряжений не прочитано: { $n }
oversight-waiting-recipient-order = поручений ждут подтверждения: { $n }
oversight-deferred = Записей журнала, которые по санкции пока не показываются людям: { $n }.
event-access-volume-reached = достигнут предел запросов
event-sanction-denied = во внесении санкции отказано
event-sanction-revoked = санкция отозвана
event-directions-viewed = надзор прочитал распоряжения
event-prior-search-recorded = записан поиск в другом реестре
event-urgent-review-decided = срочный доступ проверен
event-urgent-review-denied = в проверке срочного доступа отказано
event-urgent-review-lapsed = срочный доступ не проверен в срок
event-recipient-ordered = получателям поручено удалить или исправить данные
event-recipient-order-acknowledged = получатель подтвердил исполнение поручения
event-recipient-orders-viewed = просмотрены поручения получателям
event-answer-exported = ответ передан партнёру за рубеж
event-approval-denied = подпись действия не принята
event-approval-given = действие подписано
event-export-denied = в передаче ответа за рубеж отказано
event-exports-viewed = просмотрены передачи за рубеж
event-passkey-asked = запрошена подпись ключа
event-passkey-bound = привязан ключ доступа
event-passkey-code-denied = код для ключа не принят
event-passkey-code-issued = выдан код для ключа
event-passkey-proof-denied = действие без ключа остановлено
event-passkey-refused = ключ доступа не принят
event-passkey-removed = ключ доступа удалён
event-session-begun = пароль принят, ожидается ключ
event-session-proved = сеанс подтверждён повторно
event-passkey-used = использована подпись под одним действием
me-genomic-withdraw = Отозвать согласие на геномный профиль
me-genomic-withdraw-what = Профиль сразу исчезает из любого поиска, его ключ уничтожается, лаборатории поручается уничтожить материал. Отменить это нельзя.
me-genomic-withdraw-sure = Я отзываю согласие на хранение моего геномного профиля
event-sanction-refused = санкция отклонена: она не та, что подписал орган
event-sanction-key-proposed = внесён ключ ведомства
event-sanction-key-confirmed = ключ ведомства подтверждён
event-sanction-key-rejected = ключ ведомства отклонён
event-sanction-key-revoked = ключ ведомства прекращён
event-sanction-key-denied = в подтверждении ключа ведомства отказано
event-correction-overdue = на просьбу об исправлении не ответили в срок

# The person's own lock, and services that ask one to one
me-lock-title = Блокировка отпечатков
me-lock-what = Пока отпечатки заблокированы, ни одной службе не сообщается, что вы это вы: для каждой это выглядит так, будто отпечатки чужие. Поиски и проверки, которых требует закон, продолжаются.
me-lock-since = заблокированы с { $text }
me-lock-lock = Заблокировать мои отпечатки
me-lock-release = Снять блокировку
me-lock-password = Ваш пароль ещё раз
me-lock-national = Чтобы снять блокировку, ещё раз подтвердите личность: войдите через { $text } снова.
me-lock-recognise = Подтвердить через { $text }
event-session-returned = возвращение из национальной системы входа
done-biometrics-locked = Ваши отпечатки заблокированы.
done-biometrics-unlocked = Блокировка снята.
event-biometrics-locked = человек заблокировал свои отпечатки
event-biometrics-unlocked = человек снял блокировку своих отпечатков
event-biometrics-unlock-denied = в снятии блокировки отказано
event-service-added = служба заведена
event-service-ended = служба закрыта
purpose-attendance-sign-in = отметка на работе
purpose-health-sign-in = вход в медицинскую службу
purpose-education-sign-in = вход в учебном заведении
desk-requests = Обращения людей
done-request-sent = Обращение отправлено и записано в журнал. Ответ вы прочитаете на этой странице.
done-request-answered = Ответ отправлен; человек видит его на своей странице.
done-request-entered = Обращение принято и записано в журнал.
done-restriction-lifted = Ограничение снято; человек читает причину на своей странице.
oversight-waiting-request-overdue = Обращения людей без ответа в срок: { $n }
oversight-waiting-complaint = Жалобы, которые ждут вашего ответа: { $n }
oversight-waiting-restriction-requested = Просьбы ограничить использование: { $n }
oversight-waiting-erasure-requested = Просьбы удалить данные: { $n }
oversight-waiting-review-requested = Просьбы о пересмотре человеком: { $n }
oversight-waiting-match-overturned = Совпадения, о которых при повторном сравнении решили иначе: { $n }
event-request-made = подано обращение
event-request-viewed = обращение прочитано
event-request-answered = на обращение дан ответ
event-request-overdue = на обращение не ответили в срок
event-request-denied = отказано в ответе на обращение
event-records-restricted = использование записи ограничено
event-restriction-lifted = ограничение использования снято
me-request-title = Обращение
me-requests-title = Ваши обращения
me-requests-none = Вы ещё ни о чём не просили. Выберите ниже; у каждого обращения есть день для ответа.
me-request-kind-correction = Исправление
me-request-kind-restriction = Ограничение использования
me-request-kind-erasure = Удаление
me-request-kind-review = Пересмотр человеком
me-request-kind-complaint = Жалоба в надзор
me-request-lead-correction = Напишите своими словами, что неверно и как было бы верно. Второй сотрудник прочитает и ответит; ответ появится на вашей странице.
me-request-lead-restriction = Запись сохранится, но использоваться не будет: её не найдёт ни один поиск и не откроет ни один сотрудник, пока ограничение не снимут с объяснением. Напишите, почему вы этого просите.
me-request-lead-erasure = Что дано по согласию, удаляется там, где закон оставил выбор. Где закон обязал, в ответе будет названа статья. Напишите, что следует удалить.
me-request-lead-review = Решение или сравнение, которое вас касается, ещё раз рассмотрит человек. Напишите, с чем вы не согласны.
me-request-lead-complaint = Жалобу читает и отвечает на неё надзорный орган, а не то учреждение, на которое вы жалуетесь. Напишите, что произошло.
me-request-comparison = Отпечатки заново сравнят эксперты, которые не участвовали в первом сравнении.
me-request-text = Своими словами
me-request-via-counter = у оператора
me-request-via-letter = письмом
me-request-via-representative = через представителя
me-request-open = Ответа ещё нет.
me-request-due = Срок ответа: { $text }; если ответа не будет, на следующий день узнает надзор.
me-request-overdue = В срок никто не ответил; надзор извещён. Вы можете обратиться и в суд.
me-request-granted = Удовлетворено
me-request-refused = Отказано
me-request-answered = Ответ
me-request-appeal = Обжалование: { $text }
me-request-lifted = Ограничение снято { $text }:
me-request-complain = Пожаловаться в надзор
me-comparisons-title = Сравнения ваших отпечатков
me-comparisons-lead = Эксперты сравнили ваши отпечатки с другими и приняли решение. Если вы не согласны, сравнят заново другие.
me-comparison-same = отпечатки одного человека
me-comparison-different = отпечатки двух людей
me-comparison-inconclusive = установить нельзя
me-comparison-disputed = эксперты разошлись во мнениях
me-comparison-contest = Не согласен с этим
me-comparison-contested = отдано на повторное сравнение
request-title = Обращение человека
request-enter-title = Принять обращение человека
request-enter-lead = Вы записываете слова человека, который стоит перед вами или написал письмо. Ответит другой сотрудник.
request-letter = Номер письма
request-letter-hint = Оставьте пустым, если человек здесь.
request-other-kinds = Другое обращение:
request-list-title = Обращения людей
request-list-none = Обращений без ответа нет. Люди подают их на своей странице, у оператора или письмом.
request-list-sentence =
    { $n ->
        [one] { $n } обращение ждёт ответа.
        [few] { $n } обращения ждут ответа.
       *[other] { $n } обращений ждут ответа.
    }
request-since = Подано { $text }.
request-due = Ответьте до { $text }
request-due-label = Ответить до
request-overdue = срок прошёл
request-in-force-title = Действующие ограничения
request-person = Страница человека
request-words = Слова самого человека
request-second-look = Повторное сравнение
request-second-look-open = идёт
request-second-look-disputed = эксперты разошлись во мнениях
request-second-look-same = отпечатки одного человека
request-second-look-different = отпечатки двух людей
request-second-look-inconclusive = установить нельзя
request-duties = По этим положениям регистрация была обязанностью, и она не удаляется:
request-answered = Ответ дан
request-decision = Решение
request-reasons = Причины
request-reasons-hint = До 1000 знаков, простыми словами. Человек прочитает именно эти слова.
request-clause = Положение закона
request-appeal = Где можно обжаловать
request-refusal-hint = При отказе нужно указать и то и другое.
request-send = Ответить
request-read = Прочитать слова человека и ответить
request-how-correction = Сначала посмотрите документ и предложите исправление под контролем двух сотрудников. Затем скажите человеку, что сделано или почему нет.
request-how-restriction = Если вы удовлетворите просьбу, запись сразу исключается из всех поисков и не открывается, пока ограничение не снимут.
request-how-erasure = Если вы удовлетворите просьбу, данное по согласию будет сразу удалено, и вернуть это нельзя.
request-how-review = Если отпечатки сравнивают заново, дождитесь решения экспертов. Если оно иное, исправьте последствия по задаче проверки.
request-how-complaint = Учреждение, на которое жалуются, не видит этой страницы. Посмотрите журнал и ответьте человеку.
request-lift = Снять ограничение
request-lift-what = Снова используется то, что разрешает закон. Человек прочитает причину.
me-a-representative = { $text } (ваш представитель)
me-representatives-title = Представители
me-representatives-none = По документу за вас никто не действует. Страницу ребёнка до шестнадцати лет может читать родитель или опекун.
me-representative-end = Прекратить
me-representative-ended = закончилось
me-represent-iin = ИИН вашего ребёнка или того, кто дал вам документ
me-represent-hint = Каждый просмотр записывается в журнал на вас обоих, и этот человек его видит.
me-represent-open = Открыть страницу
done-representation-ended = Представительство прекращено.
done-representation-recorded = Представительство записано; человек видит его на своей странице.
represented-title = Страница того, кого вы представляете
represented-guardian = Вы читаете её как родитель или опекун.
represented-attorney = Вы читаете её по записанному документу.
represented-until = Последний день: { $text }
represented-seen = Этот просмотр записан в журнал, и человек его видит.
represented-held = Что хранится об этом человеке
represented-prints =
    { $n ->
        [one] Хранятся отпечатки { $n } пальца.
       *[other] Хранятся отпечатки { $n } пальцев.
    }
represented-the-person = Сам человек
represented-a-representative = { $text } (представитель)
represented-requests = Обращения
represented-requests-none = Пока ни о чём не просили.
represented-looks = Кто смотрел и зачем
representative-title = Записать представителя
representative-lead = Посмотрите документ. До последнего дня представитель может читать страницу человека и обращаться от его имени.
representative-attorney = ИИН представителя
representative-document = Документ: кем и под каким номером выдан
representative-until = Последний день
representative-record = Записать
event-represented-viewed = запись прочитал представитель
event-usages-viewed = государственный портал показал список просмотров самому человеку или его представителю
event-usages-denied = государственный портал запросил список просмотров, который вошедший там не вправе читать
event-representation-recorded = записан представитель
event-representation-ended = представительство прекращено
event-representation-denied = отказано в доступе представителю
me-erasure-certificate = Взять свидетельство об удалении
rates-title = Ошибки и пороги
rates-lead = Сравнение отпечатков никогда не бывает безошибочным. Здесь каждый может узнать, как часто ошибается этот реестр, с кем чаще, и при какой силе доказательства он отвечает «да». Людей в этих числах нет.
rates-unsound = Что-то здесь расходится с публичным журналом и поэтому не показано. Если это порог, ничего не сравнивается, и надзор уже оповещён.
rates-thresholds-title = При какой силе доказательства ответ — «да»
rates-thresholds-lead = Сила доказательства — отношение правдоподобия в степенях десяти: 3 значит, что увиденное в тысячу раз вероятнее, если палец тот же. Порог меняется, только когда один человек предложит его на основании опубликованной оценки, а надзор — другой человек — установит. Ниже предела его не установит никто.
rates-kind = Сравнение
rates-value = Порог
rates-since = Действует с
rates-floor = Предел
rates-setting = установка { $n }
rates-own = собственное значение программы; другого никто не устанавливал
rates-nothing-compared = ничего не сравнивается: установленное относится к другой версии или было изменено
rates-among =
    { $n ->
        [one] среди { $n } человека
        [few] среди { $n } человек
       *[other] среди { $n } человек
    }
rates-candidates-hint = Порог и предел поиска по нескольким пальцам растут вместе с реестром: на единицу, когда он становится вдесятеро больше. Собственное значение программы и предел указаны для миллиона человек.
rates-version = Извлечение и сравнение:
rates-history-title = Что устанавливали
rates-history-none = Ничего не устанавливали: действуют собственные значения программы.
rates-stands-for = доля ложных совпадений не больше
rates-evaluation = Оценка
rates-measured-title = Что измерено
rates-not-measured = Здесь не измерено: в этот реестр не внесено ни одной оценки, поэтому никто не может сказать, как часто он ошибается.
rates-synthetic = Этих людей не существует. Числа показывают, как программа справляется со сгенерированными отпечатками, а не с отпечатками жителей страны.
rates-other-version = Это измерено с другим извлечением или сравнением, чем действует здесь.
rates-data = Данные
rates-persons = Людей
rates-made-with = Как получено
rates-acquire = Пальцы, по которым не удалось создать шаблон
rates-entry = запись { $n }
rates-at = При действующем пороге ({ $threshold }): разные пальцы приняты за один — { $false }; тот же палец не узнан — { $missed }. В скобках — 95-процентный интервал.
rates-at-search = При действующем пороге ({ $threshold } среди { $people } человек): поиски отсутствующего, назвавшие кого-либо, — { $false }; поиски присутствующего, не назвавшие его, — { $missed }. В скобках — 95-процентный интервал.
rates-false = Ложные совпадения
rates-missed = Пропуски
rates-groups = По группам
rates-group = Группа
rates-apart = { $worst }: { $worstrate }; { $best }: { $bestrate }. Случайностью эта разница не объясняется.
rates-not-apart = Наибольшая разница: { $worst } — { $worstrate }, { $best } — { $bestrate }. Она может быть случайной.
rates-all-all = все
rates-sex-female = женщины
rates-sex-male = мужчины
rates-sex-unknown = пол неизвестен
rates-age = возраст { $text }
rates-age-unknown = возраст неизвестен
rates-counted-title = Что реестр подсчитал сам
rates-counted-lead = По собственной работе: пальцы, которые не удалось снять; люди, у которых не удалось снять ни одного; и владельцы записей, чьи отпечатки были отклонены, хотя это были они, как установил второй сотрудник.
rates-not-counted = Ещё не подсчитано. Подсчёт запускает надзор.
rates-smallest = Группы меньше { $n } человек не показаны, как и те, которые можно вычислить по остальным.
rates-fewer = меньше { $n } или скрыто
rates-of = { $failed } из { $of }
rates-failed = Неудач
rates-share = Доля (95-процентный интервал)
rates-nobody = Пока не приходил никто, о ком это можно подсчитать.
rates-counted-failure-to-acquire = Пальцы, которые не удалось снять
rates-counted-failure-to-enrol = Люди, у которых не удалось зарегистрировать ни одного пальца
rates-counted-false-refusal = Владельцы, чьи отпечатки были отклонены
rates-json = То же в JSON, со всеми строками
rates-count-hint = Реестр читает пол и год рождения тех, кто приходил, считает и публикует доли по группам не меньше десяти человек. Подсчёт можно повторить в любое время.
rates-count-button = Подсчитать и опубликовать
threshold-kind-verification = Тот ли это человек? (измерено по одному пальцу)
threshold-kind-candidates = Кто это? (несколько пальцев)
threshold-kind-candidates-one-finger = Кто это? (один палец)
threshold-kind-same-finger = Не приложен ли один палец дважды?
threshold-state-proposed = ждёт надзора
threshold-state-set = установлен
threshold-state-rejected = отклонён
thresholds-title = Пороги
thresholds-lead = Порог предлагает администратор на основании опубликованной оценки; устанавливает его надзор — другой человек. Он действует со следующего сравнения, и запись каждого сравнения называет установку, по которой оно решено.
thresholds-proposals-title = Предложено
thresholds-none = Ничего не предложено.
threshold-propose = Предложить порог
threshold-propose-hint = Это должна быть строка оценки, которая подтверждает указанную вами долю ложных совпадений, и не ниже предела.
threshold-value-hint = (как в таблице, например 3.2)
threshold-rate = Ложных совпадений не больше, процентов
threshold-rate-hint = (не меньше измеренной верхней границы; не больше 1)
threshold-reason = Причина
threshold-reason-hint = (публикуется: не называйте людей)
threshold-propose-button = Предложить
threshold-set = Установить
threshold-reject = Отклонить
evaluation-add = Внести оценку
evaluation-add-hint = Файл, какой пишет «tanba bench rates». Он сразу публикуется под своим хешем, и отозвать его нельзя.
evaluation-file = Файл (JSON, не больше 1 МБ)
evaluation-add-button = Внести и опубликовать
event-threshold-proposed = предложен порог
event-threshold-set = установлен порог
event-threshold-rejected = предложенный порог отклонён
event-threshold-denied = в установке порога отказано
event-evaluation-added = внесена оценка ошибок
event-rates-counted = реестр подсчитал свои ошибки
event-comparison-denied = ничего не сравнивалось: порог не тот, что был установлен
event-rows-reconciled = строки базы данных и журнал снова сходятся
event-keys-period = ключи открыты на десять минут для названной цели
event-keys-entrusted = ключи переданы процессу ключей
event-keys-separated = каждая группа образцов получила свой ключ
event-keys-rewrapped = ключи обёрнуты заново
event-log-pruned = начало журнала удалено по закону о его хранении
event-log-pruning-denied = удаление начала журнала не разрешено
event-log-key-stated = журнал получил следующий ключ
event-log-key-retired = прежний из двух ключей журнала прекратил действие
event-log-key-denied = смена ключа журнала не разрешена
