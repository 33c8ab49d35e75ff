desk-counter = Приём
desk-refusals = Отказы
counter-title = Приём граждан
counter-station = рабочая станция { $text }
counter-shift = Ваша смена
counter-shift-none = Смена не открыта
counter-shift-lead = Откройте смену, чтобы принимать людей на этой станции. Всё, что вы сделаете до её закрытия, записывается на ваше имя.
counter-shift-open = Открыть смену
counter-shift-since = Открыта: { $text }
counter-shift-close = Закрыть смену
counter-shift-closed = Ваша смена закрыта.
counter-left-open =
    { $n ->
        [one] На станции остаётся { $n } незавершённый приём; он сохранён для следующей смены.
        [few] На станции остаётся { $n } незавершённых приёма; они сохранены для следующей смены.
       *[many] На станции остаётся { $n } незавершённых приёмов; они сохранены для следующей смены.
    }
counter-triggers = Что можно начать здесь
counter-triggers-none = В этом месте нельзя начать ни одной регистрации. Обратитесь к администратору.
counter-arrival = Кто пришёл?
counter-arrival-lead = Попросите документ, введите номер и нажмите Enter.
counter-iin = Индивидуальный идентификационный номер (ИИН)
counter-iin-shape = 12 цифр
counter-other-ways = По документу или по имени
counter-document-number = Номер документа
counter-by-name = По имени
counter-by-name-hint = Казахскими, русскими или латинскими буквами, как слышите: разные написания одного имени находят друг друга.
counter-family-name = Фамилия
counter-given-name = Имя
counter-born-year = Год рождения
counter-find = Найти
counter-typed-link = Человека нет ни в одном реестре
counter-drafts = Ещё не завершено на этой станции
counter-drafts-lead = Когда сеанс заканчивается, ничего не теряется: откройте строку и продолжайте с того же места.
counter-drafts-none = Никто не ждёт. Если уйти с приёма до его конца, он появится здесь и останется, пока не будет завершён.
counter-initials = Инициалы
counter-trigger = Повод
counter-opened = Начато
counter-fingers = Пальцы
counter-state = Состояние
counter-no-name = имя неизвестно
counter-found-title = Кто найден
counter-found-nobody = Никого не найдено. Проверьте номер или написание, поищите по имени или запишите данные из документов человека.
counter-found-lead =
    { $n ->
        [one] Найден { $n } человек. Сверьте имя и год рождения с документом.
        [few] Найдено { $n } человека. Сверьте имя и год рождения с документом.
       *[many] Найдено { $n } человек. Сверьте имя и год рождения с документом.
    }
counter-found-more = Есть и другие: имя или год рождения сузят поиск.
counter-found-document = Документ с этим номером
counter-found-no-number = У этого человека нет номера. Оформите приход по документам; сравнение отпечатков найдёт прежнюю регистрацию.
counter-source = Откуда известно
counter-source-register = регистр населения
counter-source-own = прежний приём
counter-script-kk = По-казахски
counter-script-ru = По-русски
counter-script-latin = Латиницей
counter-why-here = Зачем человек пришёл?
counter-begin = Начать
counter-search-again = Искать снова
counter-typed-title = Человек, которого нет в реестрах
counter-typed-lead = Запишите то, что сказано в документах. Личность остаётся предварительной, пока её не подтвердит реестр; закон применяется по дате рождения и статусу.
counter-not-stated = не указан
counter-if-known = (если есть)
counter-cancel = Назад к приёму
counter-steps = На каком шаге этот приём
counter-step-arrive = Приход
counter-step-law = Закон
counter-step-capture = Снятие
counter-step-check = Проверка
counter-step-compare = Сравнение
counter-step-document = Документ
counter-step-receipt = Квитанция
counter-step-refusal = Отказ
counter-step-exemption = Освобождение
counter-step-done = (сделано)
counter-provisional = личность предварительная
counter-already-registered = регистрировался раньше
counter-provisional-lead = Ни один реестр не подтвердил эту личность. До подтверждения регистрация предварительная.
counter-closed = Этот приём завершён; изменить в нём уже ничего нельзя.
counter-go-on = Дальше
counter-to-desk = К приёму
counter-law-title = Что говорит закон
counter-law-must = Человек обязан пройти регистрацию
counter-law-may = Человек может пройти регистрацию
counter-law-must-not = Регистрировать человека нельзя
counter-why = Почему?
counter-clause = Норма
counter-cite = Где это написано
counter-source-read = Где прочитано
counter-confidence = Насколько это достоверно
counter-confidence-A = по официальному тексту
counter-confidence-B = по вторичному источнику
counter-confidence-S = по статье об обязательной регистрации
counter-confidence-C = общие сведения, не проверено
counter-confidence-X = неизвестно
counter-pack = Правовой пакет
counter-pack-hash = Его хеш
counter-draft-pack = Этот пакет — проект, не подписанный юристом. Он действует только в демонстрации и при обучении.
counter-missing = Чего ещё не хватает
counter-obligations = Что вы обязаны человеку
counter-said-so-far = Что уже сказано и записано
counter-say-heading = Скажите вслух
counter-say-in = Говорите на языке:
counter-say-explanation = Мы возьмём отпечатки десяти пальцев и свяжем их с вашим документом. Это бесплатно, занимает около десяти минут и делается один раз. Отпечатки хранятся в зашифрованном виде; никто не смотрит их без цели и законного основания, и каждый просмотр вы увидите на своей странице. Вы можете задавать вопросы, можете отказаться и можете обжаловать любое наше действие.
counter-said = Сказано: дальше
counter-explained = Разъяснено и записано.
counter-to-capture = К сканеру
counter-to-law = К шагу «Закон»
counter-guardian-heading = Родитель или законный представитель
counter-guardian-lead = Нужны присутствие и согласие родителя или законного представителя, указанного в регистре населения. Посмотрите документ и возьмите номер из него.
counter-guardian-unknown = В регистре у этого человека представитель не указан.
counter-say-guardian = Согласны ли вы, чтобы мы взяли отпечатки пальцев вашего ребёнка для паспорта? Они хранятся в зашифрованном виде и связаны с паспортом. Вы можете сказать «нет», и ребёнок может сказать «нет»: тогда мы ничего не берём.
counter-guardian-iin = ИИН родителя или представителя
counter-guardian-here = присутствует, документ я видел(а)
counter-guardian-agrees = согласен, сказал(а) сам(а)
counter-evidence = Чем подтверждено
counter-evidence-identity-document-seen = предъявлен документ
counter-evidence-electronic-signature = электронная подпись
counter-evidence-signature-on-paper = подпись на бумаге
counter-evidence-sworn-register = реестр присяжных переводчиков
counter-evidence-spoken-by-operator = сказано оператором
counter-evidence-spoken-before-operator = сказано при операторе
counter-record = Записать
counter-consent-heading = Согласие самого человека
counter-say-consent = Закон оставляет это на ваше усмотрение. Согласны ли вы, чтобы мы взяли ваши отпечатки? Вы можете сказать «нет», и из этого ничего не последует.
counter-agrees = Человек согласен
counter-other-missing = Не хватает ещё чего-то, что здесь не решить; смотрите список рядом. Приём остаётся открытым.
counter-no-heading = Если человек говорит «нет» или не может
counter-no-lead = Никогда не давите. «Нет» самого ребёнка останавливает всё, что бы ни говорили взрослые.
counter-objects = Человек возражает
counter-objects-link = Человек возражает или отказывается
counter-what-if-no = Что следует за отказом?
counter-cannot = Человек не может дать отпечатки
counter-objected = Человек возразил: отпечатки больше не снимаем
counter-objected-lead = Снятие остановлено и на этом приёме не продолжится. Объясните без давления, что следует, и оформите отказ, если человек на нём настаивает.
counter-to-refusal = Что следует и как обжаловать
counter-interpreter = Помогает переводчик
counter-interpreter-lead = Запишите, кто переводит. Имя и документ хранятся запечатанными вместе с этим приёмом.
counter-interpreter-name = Имя переводчика
counter-interpreter-document = Номер предъявленного документа
counter-interpreter-language = На какой язык
counter-language-hint = (код: uz, tr, zh, sign)
counter-consent-subject-consent = Человек согласился
counter-consent-guardian-consent = Представитель согласился
counter-consent-guardian-presence = Представитель присутствует
counter-consent-objection = Человек возразил
counter-consent-explanation = Закон разъяснён
counter-capture-title = Десять пальцев
counter-capture-kept = Каждый отпечаток сразу сохраняется в зашифрованном виде. Страницу можно покинуть: после перерыва или нового входа всё снятое будет здесь.
counter-capture-closed = Снятие на этом приёме завершено.
counter-fingers-done =
    { $n ->
        [one] Готов { $n } палец из 10
        [few] Готово { $n } пальца из 10
       *[many] Готово { $n } пальцев из 10
    }
counter-hands-label = Обе кисти; выберите палец
counter-hand-left = Левая рука
counter-hand-right = Правая рука
counter-finger = Палец
counter-finger-quality = снят, качество { $n } из 100
counter-finger-empty = ещё не снят
counter-finger-poor = низкое качество: снять ещё раз или принять
counter-legend-good = хорошо
counter-legend-poor = низкое качество
counter-legend-accepted = низкое, принято
counter-legend-stated = указано
counter-kind-good = снят, хорошо
counter-kind-poor = снят, низкое качество
counter-kind-accepted = снят, принят с причиной
counter-kind-stated = указано
counter-kind-empty = ещё не снят
counter-sequence = Порядок: четыре правых, четыре левых, оба больших. Сейчас:
counter-group-right = четыре пальца правой руки
counter-group-left = четыре пальца левой руки
counter-group-thumbs = оба больших пальца
counter-not-yet = Снимать ещё нельзя: шаг «Закон» не завершён.
counter-print-alt = Сохранённый отпечаток: { $text }
counter-no-print = Отпечатка ещё нет
counter-minutiae = Показать минуции
counter-quality = Качество { $n }
counter-quality-word = Качество
counter-quality-good = Хорошо: с этим пальцем больше ничего не нужно.
counter-quality-low = Низкое: снимите ещё раз или сохраните с причиной.
counter-minutiae-found =
    { $n ->
        [one] Найдена { $n } минуция
        [few] Найдено { $n } минуции
       *[many] Найдено { $n } минуций
    }
counter-accepted = Сохранено с причиной: { $text }
counter-attempts = Попытка { $n } из 3; сохраняется лучшая.
counter-attempts-word = Попытки
counter-advice-check-image = Изображение слишком мало или велико для пальца: проверьте файл.
counter-advice-invert-image = Изображение обращено: светлые гребни на тёмном фоне. Проверьте настройки сканера.
counter-advice-place-finger = Отпечаток не виден: положите палец на стекло плоско.
counter-advice-cover-more = Видна лишь часть пальца: положите подушечку целиком.
counter-advice-move-left = Сдвиньте палец влево.
counter-advice-move-right = Сдвиньте палец вправо.
counter-advice-move-up = Сдвиньте палец вверх.
counter-advice-move-down = Сдвиньте палец вниз.
counter-advice-press-less = Нажимайте слабее или вытрите палец: линии сливаются.
counter-advice-press-more = Нажмите чуть сильнее или увлажните палец: линии прерываются.
counter-advice-wipe-finger = Протрите палец и стекло: линии смазаны.
counter-advice-hold-still = Держите палец неподвижно, не поворачивая.
counter-advice-check-scanner = Изображение очень бледное: протрите стекло и проверьте сканер.
counter-advice-try-another-finger = Кожу этого пальца трудно прочесть: перейдите к другому и вернитесь.
counter-compare = Сравнить со всеми зарегистрированными
counter-next-finger = Следующий палец
counter-all-done = Все десять пальцев учтены.
counter-accept-heading = Сохранить отпечаток, хотя качество низкое
counter-accept-reason = Причина
counter-accept-note = Словами
counter-accept-note-hint = (нужно для «другое»)
counter-accept = Сохранить с этой причиной
counter-quality-reason-manual-work = кожа рук стёрта работой
counter-quality-reason-age = возраст
counter-quality-reason-skin-condition = состояние кожи
counter-quality-reason-scar = шрам
counter-quality-reason-three-attempts = три попытки, лучше не вышло
counter-quality-reason-other = другое
counter-device-hands = Руки на виртуальном сканере
counter-device-touch = Приложить палец
counter-device-again = Приложить ещё раз
counter-device-all = Все оставшиеся
counter-file = Файл изображения: { $text }
counter-file-take = Взять это изображение
counter-other-finger = С этого пальца больше ничего снять нельзя. Выберите другой на схеме.
counter-state-finger = Или укажите, что с этим пальцем
counter-state-button = Указать
counter-state-keys = На схеме: стрелки выбирают палец, буква в скобках указывает состояние.
counter-state-undo = Отменить указанное
counter-finger-state-missing = отсутствует
counter-finger-state-bandaged = забинтован
counter-finger-state-prosthetic = протез
counter-finger-state-webbed = сросся с соседним
counter-finger-state-extra = рядом лишний палец
counter-finger-state-worn = стёрт
counter-finger-state-unable = не удаётся приложить
counter-several = Несколько файлов сразу
counter-several-label = Файлы изображений пальцев
counter-several-hint = Имя вроде right_index.png или 07.tif указывает палец; остальные идут по порядку. Файлы можно перетащить сюда.
counter-several-take = Взять все
counter-as-table = Все пальцы таблицей
counter-line-lost = Связь потеряна. Снятое сохранено; этот отпечаток ждёт здесь и отправится сам.
counter-line-back = Связь восстановлена; ничего не потеряно.
counter-line-ended = Ваш сеанс закончился. Всё снятое сохранено; войдите и продолжайте здесь.
counter-line-busy = Обрабатывается …
counter-check-title = Сравнение со всеми зарегистрированными
counter-check-ready = Отпечатки готовы к сравнению. Это займёт немного времени; страницу можно покинуть.
counter-check-not-ready = Ещё рано: отпечатки некоторых пальцев не сняты и причина не указана, или плохой отпечаток ждёт причины.
counter-check-waiting = Сравнение ждёт своей очереди …
counter-check-progress =
    { $n ->
        [one] Сравнено: { $done } из { $n } человека.
        [few] Сравнено: { $done } из { $n } человек.
       *[many] Сравнено: { $done } из { $n } человек.
    }
counter-check-leave = Страницу можно покинуть: сравнение продолжится.
counter-check-look = Посмотреть ещё раз
counter-check-kept = Отпечатки сохранены; снимать заново не нужно.
counter-check-nobody = Ни у кого из зарегистрированных таких отпечатков нет.
counter-check-compared =
    { $n ->
        [one] Сравнено с { $n } человеком.
        [few] Сравнено с { $n } людьми.
       *[many] Сравнено с { $n } людьми.
    }
counter-check-verified = Это отпечатки, зарегистрированные за этим человеком раньше. Дважды ничего не регистрируется.
counter-to-document = К документу
counter-compare-heading = Сравнивают эксперты
counter-compare-candidates =
    { $n ->
        [one] Похож { $n } набор отпечатков. Сравнивают два эксперта, каждый отдельно; никому не отказано.
        [few] Похожи { $n } набора отпечатков. Сравнивают два эксперта, каждый отдельно; никому не отказано.
       *[many] Похожи { $n } наборов отпечатков. Сравнивают два эксперта, каждый отдельно; никому не отказано.
    }
counter-compare-lead = Человек может подождать или прийти, когда его позовут. Дайте квитанцию: она подтверждает, что он был здесь.
counter-compare-say = Спасибо. Прежде чем продолжить, двое коллег посмотрят отпечатки. Так бывает каждый день с обычными людьми и ничего о вас не говорит. Вы можете подождать здесь, или мы вам позвоним.
counter-check-duplicate = Два эксперта нашли эти отпечатки в другой записи. Записи объединят вторые сотрудники; человеку для этого приходить не нужно.
counter-check-conflict = Это не те отпечатки, что зарегистрированы под этим номером. Ничего не связано; этим займётся второй сотрудник.
counter-encounter-state-open = открыт
counter-encounter-state-adjudication = сравнивают эксперты
counter-encounter-state-registered = зарегистрирован
counter-encounter-state-verified = подтверждён
counter-encounter-state-exempt = освобождён
counter-encounter-state-refused = отказ
counter-encounter-state-denied = закон не разрешает
counter-encounter-state-duplicate = зарегистрирован дважды
counter-encounter-state-conflict = записаны другие отпечатки
counter-exemption-title = Человек не может дать отпечатки
counter-exemption-lead = Освобождённый получает документ без отпечатков. Раз по отпечаткам его не найти, нужны фотография кистей, поиск по имени и второй сотрудник. Если можно снять хотя бы один палец, освобождения нет.
counter-done = сделано
counter-hands-photo = Сфотографируйте обе кисти
counter-hands-photo-alt = Фотография кистей
counter-photo-choose = Фотография
counter-photo-again = Другая фотография вместо этой
counter-photo-hint = (JPEG или PNG, не более 12 МиБ)
counter-photo-keep = Сохранить фотографию
counter-name-search = Поищите то же имя
counter-name-search-lead = Человек с таким именем мог уже зарегистрироваться. Каждый поиск записывается как просмотр всех показанных.
counter-name-search-run = Искать
counter-namesakes =
    { $n ->
        [one] { $n } человек с похожим именем
        [few] { $n } человека с похожим именем
       *[many] { $n } человек с похожим именем
    }
counter-namesakes-gone = Результат больше не хранится. Повторите поиск, чтобы его увидеть.
counter-name = Имя
counter-finding-nobody = Никто из них не этот человек
counter-finding-perhaps = Возможно, это один из них
counter-name-finding-nobody = Просмотрено: никто из них не этот человек.
counter-name-finding-perhaps = Просмотрено: один из них, возможно, этот человек. Открыта проверка.
counter-second = Второй сотрудник
counter-second-later = Последний шаг, когда фотография и поиск готовы.
counter-second-lead = Другой сотрудник смотрит кисти, фотографию и поиск, выбирает основание и входит здесь только для этого действия.
counter-exemption-ground = Основание
counter-second-login = Логин второго сотрудника
counter-second-password = Пароль второго сотрудника
counter-exemption-record = Подтвердить освобождение
counter-exemption-back = Палец всё же есть: назад к снятию
counter-document-title = Документ
counter-document-apply = Оформить документ
counter-document-linked = За ним стоят зарегистрированные отпечатки.
counter-document-exempt = Он выдаётся без отпечатков: человек освобождён.
counter-document-not-yet = Документ следует за регистрацией, подтверждением или освобождением. На этом приёме их ещё нет.
counter-document-kind = Вид
counter-blank-number = Номер бланка
counter-valid-to = Действителен до
counter-document-make = Изготовить документ
counter-documents = Документы этого человека
counter-documents-none = Документов ещё нет. Они появятся здесь после оформления.
counter-prints-linked = Отпечатки связаны
counter-yes = да
counter-no = нет
counter-interim = Временный документ
counter-interim-lead = Он действует, пока рассматривается жалоба, и прекращается вместе с ней или с выдачей документа.
counter-hand-over = Выдан человеку
counter-document-events = Что с ним произошло
counter-document-life = Его история
counter-back-to-encounter = К приёму, в котором он оформлен
counter-document-state-applied = оформляется
counter-document-state-personalised = изготовлен
counter-document-state-issued = выдан
counter-document-state-lost = утерян
counter-document-state-stolen = похищен
counter-document-state-replaced = заменён
counter-document-state-expired = истёк
counter-document-state-cancelled = аннулирован
counter-document-event-issued = Выдан
counter-document-event-lost = Заявлен утерянным
counter-document-event-found = Найден
counter-document-event-stolen = Заявлен похищенным
counter-document-event-replaced = Заменён другим
counter-document-event-expired = Истёк срок
counter-document-event-cancelled = Аннулировать
counter-document-happened-applied = Оформлен
counter-document-happened-personalised = Изготовлен
counter-document-happened-issued = Выдан на руки
counter-document-happened-lost = Заявлено об утере
counter-document-happened-found = Найден снова
counter-document-happened-stolen = Заявлено о похищении
counter-document-happened-replaced = Его заменил другой документ
counter-document-happened-expired = Срок истёк
counter-document-happened-cancelled = Аннулирован
counter-document-waits = Документ изготовлен и ждёт выдачи.
counter-to-hand-over = К его странице
counter-sign-in-again = Войти на рабочей станции
counter-receipt-title = Квитанция
counter-receipt-lead = Человек уносит бумагу: что здесь сделано и как увидеть, кто смотрел его запись.
counter-receipts-before =
    { $n ->
        [one] К этому приёму уже выдана { $n } квитанция. У каждой свой код; все подлинные.
        [few] К этому приёму уже выданы { $n } квитанции. У каждой свой код; все подлинные.
       *[many] К этому приёму уже выдано { $n } квитанций. У каждой свой код; все подлинные.
    }
counter-receipt-issue = Выдать квитанцию
counter-to-receipt = К квитанции
counter-print = Печать
counter-next-person = Следующий человек
counter-qr-label = QR-код адреса для проверки этой квитанции
counter-receipt-code = Код квитанции
counter-receipt-check-at = Её может проверить любой по адресу { $text }. О вас она ничего не сообщает.
counter-best-fingers = Лучшие пальцы для будущей проверки
counter-best-fingers-lead = Когда проверяют, что документ ваш, прикладывайте сначала эти:
counter-receipt-visit = Сравнение ещё не завершено. С вами свяжутся; эта бумага подтверждает, что вы приходили.
counter-rights = Ваши права
counter-right-see = Вы вправе бесплатно увидеть всё, что о вас хранится.
counter-right-who = Вы вправе узнать, кто, когда, с какой целью и по какой норме это смотрел.
counter-right-correct = Вы вправе требовать исправления ошибок.
counter-right-complain = Вы вправе обжаловать любое действие, совершённое здесь.
counter-who-looked = Как увидеть, кто смотрел
counter-who-looked-lead = Войдите по адресу этой службы как гражданин. Там видны каждый просмотр, каждое изменение и каждый отклонённый запрос о вас, новые сверху.
counter-receipt-kind-registration = Зарегистрирован
counter-receipt-kind-verification = Подтверждён
counter-receipt-kind-exemption = Освобождён от регистрации
counter-receipt-kind-refusal = Отказ оформлен
counter-receipt-kind-visit = Приём записан
counter-receipt-check-title = Проверка квитанции
counter-receipt-code-hint = (32 знака; пробелы не важны)
counter-check = Проверить
counter-genuine = подлинная
counter-genuine-lead = Эта квитанция выдана этой службой.
counter-not-genuine = Квитанции с таким кодом нет. Сверьте его с бумагой знак за знаком; если код верен, квитанция не подлинная.
counter-receipt-for = О чём
counter-receipt-site = Где выдана
counter-receipt-date = Когда
counter-receipt-nothing = Проверка ничего не сообщает о человеке.
counter-refusal-title = Отказ
counter-say-refusal = Вы можете отказаться. Я скажу, что допускает закон и как обжаловать. Само собой ничего не наступает: решает уполномоченный орган, и обжаловать можно и до решения, и после. Вы также можете подумать и прийти в другой день.
counter-refusal-no-pressure = Не уговаривайте, не пугайте и не торопите. Кто взял время подумать, тот ещё не отказался.
counter-refusal-think = Человек хочет подумать
counter-refusal-record = Оформить отказ
counter-refusal-follows = Что допускает закон
counter-refusal-nothing = Закон не предусматривает последствий.
counter-refusal-nothing-now = Из-за этого отказа сейчас ничего решать нельзя.
counter-refusal-order = По очереди, каждую меру решает орган. Следующая возможна лишь после исполнения предыдущей и нового отказа.
counter-refusal-never-automatic = Само собой ничего не наступает. Машина здесь ничего не решает.
counter-appeal-heading = Как обжаловать
counter-appeal-how = Скажите об этом здесь: жалоба записывается сразу и приостанавливает всё. Её рассматривает сотрудник, не участвовавший в деле. Другой орган и срок в действующем пакете не указаны.
counter-refusal-number = Отказ № { $n }
counter-amount = Сумма
counter-tenge = { $text } тенге
counter-units =
    { $n ->
        [one] { $n } месячный расчётный показатель
        [few] { $n } месячных расчётных показателя
       *[many] { $n } месячных расчётных показателей
    }
counter-who-decides = Кто решает
counter-authority-unknown = Орган в пакете не указан.
counter-consequence-fine = Штраф
counter-consequence-deny-document = Отказ в документе
counter-consequence-expel = Выдворение
counter-consequence-none = Ничего
counter-consequence = Что может последовать
counter-decide = Принять решение
counter-paid = Штраф уплачен
counter-appeal = Записать жалобу
counter-appeal-pending = Жалоба рассматривается: до решения ничего не наступает, можно выдать временный документ.
counter-appeal-pending-short = жалоба рассматривается
counter-interim-issue = Выдать временный документ
counter-uphold = Жалоба обоснованна: отменить меру
counter-dismiss = Отклонить жалобу
counter-refusal-life = Что было до сих пор
counter-happened-refused = Человек отказался
counter-happened-decided = Решение принято
counter-happened-paid = Штраф уплачен
counter-happened-appealed = Подана жалоба
counter-appeal-outcome-upheld = Жалоба удовлетворена: мера отменена
counter-appeal-outcome-dismissed = Жалоба отклонена
counter-refusals-title = Отказы от регистрации
counter-refusals-lead = Что ждёт сотрудника: решение, уплата, жалоба. Имён здесь нет.
counter-refusals-none = Ничего не ждёт. Отказ появляется здесь, когда закон позволяет органу что-то решить.
counter-to-refusals = К списку
counter-to-decide = ждёт решения
conflict-no-shift-is-open = Смена не открыта. Сначала откройте смену; ничего не сделано.
conflict-your-shift-at-another-station-is-still-open = Ваша смена на другой станции ещё открыта. Сначала закройте её; приёмы там сохранятся.
conflict-this-search-result-is-no-longer-at-hand = Этот результат поиска больше не хранится. Найдите человека ещё раз.
conflict-this-finger-is-stated-as-missing-or-prosthetic = Палец указан как отсутствующий или протез. Отмените указание, если это ошибка.
conflict-a-print-of-low-quality-is-kept-and-nobody-has-accepted-it = Сохранён отпечаток низкого качества, и его никто не принял. Снимите палец ещё раз или сохраните с причиной.
conflict-this-finger-has-no-kept-print-of-low-quality = У этого пальца нет отпечатка, которому нужна причина.
conflict-three-attempts-is-no-reason-before-there-were-three = Трёх попыток ещё не было. Снимите палец ещё раз или укажите действительную причину.
conflict-an-exemption-rests-on-a-photograph-of-the-hands-and-there-is-none = Для освобождения нужна фотография кистей, а её ещё нет.
conflict-an-exemption-rests-on-a-search-by-name-that-was-looked-at-and-there-is-none = Для освобождения нужен просмотренный поиск по имени. Выполните его и скажите, что увидели.
conflict-no-search-by-name-waits-to-be-looked-at = Нет поиска по имени, который ждёт просмотра. Сначала выполните его.
conflict-a-later-decision-rests-on-this-one = На этом решении основано более позднее. Сначала рассмотрите жалобу на него.
conflict-no-appeal-is-pending = Нет жалобы на рассмотрении.
conflict-no-appeal-against-this-refusal-is-pending = Жалобы на этот отказ нет. Временный документ выдают, пока рассматривается жалоба.
invalid-family = Укажите фамилию казахскими, русскими или латинскими буквами, не более 200 знаков.
invalid-given = Укажите имя буквами, не более 200 знаков.
invalid-person-query = Укажите номер, документ или фамилию.
invalid-born-year = Укажите год рождения четырьмя цифрами.
invalid-document = Укажите номер документа: от 1 до 200 знаков.
invalid-facts = По таким данным закон применить нельзя: проверьте дату рождения (ГГГГ-ММ-ДД) и статус.
invalid-law = По таким данным закон применить нельзя: проверьте дату рождения.
invalid-client-key = Форма потеряла свой ключ. Откройте страницу снова и повторите.
invalid-guardian = Отметьте, присутствует ли представитель, согласен ли он или то и другое.
invalid-language = Выберите казахский, русский или английский; для другого языка запишите переводчика.
invalid-name = Укажите имя: от 1 до 200 знаков.
invalid-print-file = Файл не выбран. Выберите изображение пальца со сканера.
invalid-device = Виртуальный сканер не знает этих рук, или такого пальца у них нет. Укажите, что с пальцем.
invalid-finger-state = Выберите из предложенного.
invalid-note = Скажите словами, почему отпечаток сохраняется, не более 200 знаков.
invalid-photograph = Фотография не принята: нужен целый JPEG или PNG, не меньше 240 пикселей по стороне и не больше 12 МиБ. Ничего не сохранено.
invalid-finding = Скажите, может ли кто-то из них быть этим человеком.
invalid-valid-to = Укажите дату, до которой документ действителен.
invalid-act = Выберите действие из предложенных.
not-found-print = Отпечаток этого пальца не сохранён.
not-found-photograph = Фотографии кистей ещё нет.
not-found-receipt = Эта квитанция не относится к этому приёму.
problem-second-officer-unknown = Логин и пароль второго сотрудника не подходят. Ничего не записано; вернитесь и попробуйте снова.
needs-body-not-listed = Направьте человека в орган, который называет закон.
